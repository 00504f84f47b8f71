/* SPDX-License-Identifier: Apache-2.0 */
/* OP-TEE extension: commands for the ioctl function of a TCP socket. */
#ifndef __TEE_TCPSOCKET_DEFINES_EXTENSIONS_H
#define __TEE_TCPSOCKET_DEFINES_EXTENSIONS_H

#define TEE_TCP_SET_RECVBUF	0x65f00000
#define TEE_TCP_SET_SENDBUF	0x65f00001

#endif
