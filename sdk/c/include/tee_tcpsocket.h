/* SPDX-License-Identifier: Apache-2.0 */
/* TCP sockets. Source: GlobalPlatform TEE Sockets API 1.0. */
#ifndef TEE_TCPSOCKET_H
#define TEE_TCPSOCKET_H

#include <__tee_ipsocket.h>
#include <__tee_tcpsocket_defines.h>
#include <sys/cdefs.h>
#include <tee_isocket.h>

typedef struct TEE_tcpSocket_Setup_s {
	TEE_ipSocket_ipVersion ipVersion;
	char *server_addr;
	uint16_t server_port;
} TEE_tcpSocket_Setup;

__BEGIN_DECLS

extern TEE_iSocket *const TEE_tcpSocket;

__END_DECLS

#endif
