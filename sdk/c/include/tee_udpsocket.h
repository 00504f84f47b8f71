/* SPDX-License-Identifier: Apache-2.0 */
/* UDP sockets. Source: GlobalPlatform TEE Sockets API 1.0. */
#ifndef TEE_UDPSOCKET_H
#define TEE_UDPSOCKET_H

#include <__tee_ipsocket.h>
#include <__tee_udpsocket_defines.h>
#include <sys/cdefs.h>
#include <tee_isocket.h>

typedef struct TEE_udpSocket_Setup_s {
	TEE_ipSocket_ipVersion ipVersion;
	char *server_addr;
	uint16_t server_port;
} TEE_udpSocket_Setup;

__BEGIN_DECLS

extern TEE_iSocket *const TEE_udpSocket;

__END_DECLS

#endif
