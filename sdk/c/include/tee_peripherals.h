/* SPDX-License-Identifier: Apache-2.0 */
/* TEE Internal Core API 1.3.1 chapter 9: peripherals and events. */
#ifndef TEE_PERIPHERALS_H
#define TEE_PERIPHERALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/cdefs.h>
#include <tee_api_types.h>

__BEGIN_DECLS

#define TEE_MAX_EVENT_PAYLOAD_SIZE	32
#define TEE_INVALID_HANDLE		0

/* Kinds of peripherals */
typedef uint32_t TEE_PeripheralType;
#define TEE_PERIPHERAL_UNDEFINED		0x00000000
#define TEE_PERIPHERAL_OS			0x00000001
#define TEE_PERIPHERAL_CAMERA			0x00000002
#define TEE_PERIPHERAL_MICROPHONE		0x00000003
#define TEE_PERIPHERAL_ACCELEROMETER		0x00000004
#define TEE_PERIPHERAL_NFC			0x00000005
#define TEE_PERIPHERAL_BLUETOOTH		0x00000006
#define TEE_PERIPHERAL_USB			0x00000007
#define TEE_PERIPHERAL_FINGERPRINT		0x00000008
#define TEE_PERIPHERAL_KEYBOARD			0x00000009
#define TEE_PERIPHERAL_TOUCH			0x0000000A
#define TEE_PERIPHERAL_BIO			0x0000000B

/* Kinds of values that states have */
typedef uint32_t TEE_PeripheralValueType;
#define TEE_PERIPHERAL_VALUE_UINT64		0x00000000
#define TEE_PERIPHERAL_VALUE_UINT32		0x00000001
#define TEE_PERIPHERAL_VALUE_UINT16		0x00000002
#define TEE_PERIPHERAL_VALUE_UINT8		0x00000003
#define TEE_PERIPHERAL_VALUE_INT64		0x00000004
#define TEE_PERIPHERAL_VALUE_INT32		0x00000005
#define TEE_PERIPHERAL_VALUE_INT16		0x00000006
#define TEE_PERIPHERAL_VALUE_INT8		0x00000007
#define TEE_PERIPHERAL_VALUE_BOOL		0x00000008

#define TEE_PERIPHERAL_FLAG_LOCKED		0x00000001
#define TEE_PERIPHERAL_FLAG_EXCLUSIVE_ACCESS	0x00000002
#define TEE_PERIPHERAL_FLAG_EVENT_SOURCE	0x00000004

typedef uint32_t TEE_PeripheralId;
typedef uint32_t TEE_PeripheralStateId;
typedef uint32_t TEE_PeripheralHandle;
typedef uint32_t TEE_EventSourceHandle;
typedef uint32_t TEE_EventQueueHandle;
typedef uint32_t TEE_EventType;

typedef struct {
	uint32_t version;
	union {
		struct {
			TEE_PeripheralType periphType;
			TEE_PeripheralId id;
			TEE_UUID taUUID;
		} v1;
	} u;
} TEE_Peripheral;

typedef struct {
	TEE_PeripheralId id;
	TEE_PeripheralHandle peripheralHandle;
	TEE_EventSourceHandle eventSourceHandle;
} TEE_PeripheralDescriptor;

typedef struct {
	uint32_t version;
	TEE_PeripheralValueType tag;
	TEE_PeripheralStateId id;
	bool ro;
	union {
		uint64_t uint64Val;
		uint32_t uint32Val;
		uint16_t uint16Val;
		uint8_t uint8Val;
		int64_t int64Val;
		int32_t int32Val;
		int16_t int16Val;
		int8_t int8Val;
		bool boolVal;
	} u;
} TEE_PeripheralState;

typedef struct {
	TEE_EventType eventType;
	uint64_t timestamp;
	TEE_EventSourceHandle eventSource;
	uint8_t payload[TEE_MAX_EVENT_PAYLOAD_SIZE];
} TEE_Event_V1;

typedef struct {
	uint32_t version;
	union {
		TEE_Event_V1 v1;
	} u;
} TEE_Event;

/* 9.7 Peripherals */
TEE_Result TEE_Peripheral_Close(TEE_PeripheralDescriptor *peripheralDescriptor);
TEE_Result TEE_Peripheral_CloseMultiple(size_t numPeripherals,
		TEE_PeripheralDescriptor *peripherals);
TEE_Result TEE_Peripheral_GetPeripherals(uint32_t *version,
		TEE_Peripheral *peripherals, size_t *size);
TEE_Result TEE_Peripheral_GetState(TEE_PeripheralId id,
		TEE_PeripheralStateId stateId,
		TEE_PeripheralValueType *periphType, void *value);
TEE_Result TEE_Peripheral_GetStateTable(TEE_PeripheralId id,
		TEE_PeripheralState *stateTable, size_t *bufSize);
TEE_Result TEE_Peripheral_Open(TEE_PeripheralDescriptor *peripheralDescriptor);
TEE_Result TEE_Peripheral_OpenMultiple(size_t numPeripherals,
		TEE_PeripheralDescriptor *peripherals);
TEE_Result TEE_Peripheral_Read(TEE_PeripheralHandle peripheralHandle, void *buf,
		size_t *bufSize);
TEE_Result TEE_Peripheral_SetState(TEE_PeripheralId id,
		TEE_PeripheralStateId stateId,
		TEE_PeripheralValueType periphType, void *value);
TEE_Result TEE_Peripheral_Write(TEE_PeripheralHandle peripheralHandle, void *buf,
		size_t bufSize);

/* 9.7 Events */
TEE_Result TEE_Event_AddSources(size_t numSources,
		TEE_EventSourceHandle *sources, TEE_EventQueueHandle *handle);
TEE_Result TEE_Event_CancelSources(size_t numSources,
		TEE_EventSourceHandle *sources, TEE_EventQueueHandle *handle);
TEE_Result TEE_Event_CloseQueue(TEE_EventQueueHandle *handle);
TEE_Result TEE_Event_DropSources(size_t numSources,
		TEE_EventSourceHandle *sources, TEE_EventQueueHandle *handle);
TEE_Result TEE_Event_ListSources(TEE_EventQueueHandle *handle,
		TEE_EventSourceHandle *buf, size_t *bufSize);
TEE_Result TEE_Event_OpenQueue(uint32_t *version, size_t numSources,
		uint32_t timeout, TEE_EventSourceHandle *sources,
		TEE_EventQueueHandle *handle);
TEE_Result TEE_Event_TimerCreate(TEE_EventQueueHandle *handle, uint64_t period,
		uint8_t payload[TEE_MAX_EVENT_PAYLOAD_SIZE]);
TEE_Result TEE_Event_Wait(TEE_EventQueueHandle *handle, uint32_t timeout,
		TEE_Event *events, uint32_t *numEvents, uint32_t *dropped);

__END_DECLS

#endif /* TEE_PERIPHERALS_H */
