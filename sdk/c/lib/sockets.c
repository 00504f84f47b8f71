/* SPDX-License-Identifier: Apache-2.0 */
/* Sockets: tables of functions that the TEE serves. */
#include <tee_tcpsocket.h>
#include <tee_udpsocket.h>

#define SOCKET(lower, upper) \
	TEE_Result __tee_##lower##_open(TEE_iSocketHandle *ctx, void *setup, \
			uint32_t *protocolError); \
	TEE_Result __tee_##lower##_close(TEE_iSocketHandle ctx); \
	TEE_Result __tee_##lower##_send(TEE_iSocketHandle ctx, \
			const void *buf, uint32_t *length, uint32_t timeout); \
	TEE_Result __tee_##lower##_recv(TEE_iSocketHandle ctx, void *buf, \
			uint32_t *length, uint32_t timeout); \
	uint32_t __tee_##lower##_error(TEE_iSocketHandle ctx); \
	TEE_Result __tee_##lower##_ioctl(TEE_iSocketHandle ctx, \
			uint32_t commandCode, void *buf, uint32_t *length); \
	\
	static TEE_iSocket lower##_socket = { \
		.TEE_iSocketVersion = TEE_ISOCKET_VERSION, \
		.protocolID = TEE_ISOCKET_PROTOCOLID_##upper, \
		.open = __tee_##lower##_open, \
		.close = __tee_##lower##_close, \
		.send = __tee_##lower##_send, \
		.recv = __tee_##lower##_recv, \
		.error = __tee_##lower##_error, \
		.ioctl = __tee_##lower##_ioctl, \
	}; \
	\
	TEE_iSocket *const TEE_##lower##Socket = &lower##_socket;

SOCKET(tcp, TCP)
SOCKET(udp, UDP)
