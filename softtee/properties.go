package softtee

import (
	"goatee/softtee/engine"
)

// properties are those of the TEE (TEE Internal Core API 1.3.1 section 4.7), as far as they are true.
func (t *TEE) properties() []engine.Property {
	str := func(name, v string) engine.Property {
		return engine.Property{Name: name, Type: engine.PropertyString, Value: v}
	}
	num := func(name string, v uint32) engine.Property {
		return engine.Property{Name: name, Type: engine.PropertyU32, Value: v}
	}
	flag := func(name string, v bool) engine.Property {
		return engine.Property{Name: name, Type: engine.PropertyBool, Value: v}
	}
	return []engine.Property{
		str("gpd.tee.apiversion", "1.3.1"),
		num("gpd.tee.internalCore.version", 0x01030100),
		str("gpd.tee.description", Revision),
		{Name: "gpd.tee.deviceID", Type: engine.PropertyUUID, Value: t.state.device()},
		num("gpd.tee.systemTime.protectionLevel", 100), // the clock is the normal world's
		num("gpd.tee.TAPersistentTime.protectionLevel", 100),
		flag("gpd.tee.cryptography.ecc", false),
		num("gpd.tee.event.maxSources", 0),
		str("gpd.tee.firmware.manufacturer", "goatee"),
		str("gpd.tee.firmware.implementation.version", Revision),
		str("gpd.tee.trustedos.manufacturer", "goatee"),
		str("gpd.tee.trustedos.implementation.version", Revision),
		flag("goatee.tee.simulated", true),
	}
}
