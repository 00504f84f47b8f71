package tee

import (
	"syscall"

	"goatee/driver"
	"goatee/gp"
)

// options is what a connection can do beyond being released, resolved once.
type options struct {
	sessions   driver.Sessions
	canceller  driver.Canceller
	commander  driver.Commander
	objects    driver.ObjectInvoker
	allocator  driver.Allocator
	registrar  driver.MemoryRegistrar
	supplicant driver.SupplicantProvider
	fileCloser driver.FileCloser
}

// option finds the outermost layer of conn that has T.
func option[T any](conn driver.Conn) T {
	for conn != nil {
		if t, ok := conn.(T); ok {
			return t
		}
		w, ok := conn.(interface{ Unwrap() driver.Conn })
		if !ok {
			break
		}
		conn = w.Unwrap()
	}
	var none T
	return none
}

// resolve finds the options of conn and holds them against what the driver's version claims. The error is EINVAL.
func resolve(conn driver.Conn, v driver.Version) (options, error) {
	o := options{
		sessions:   option[driver.Sessions](conn),
		canceller:  option[driver.Canceller](conn),
		commander:  option[driver.Commander](conn),
		objects:    option[driver.ObjectInvoker](conn),
		allocator:  option[driver.Allocator](conn),
		registrar:  option[driver.MemoryRegistrar](conn),
		supplicant: option[driver.SupplicantProvider](conn),
		fileCloser: option[driver.FileCloser](conn),
	}
	refuse := func(why string) (options, error) {
		return options{}, driver.Errorf(syscall.EINVAL, "tee: driver %s %s", v.Name, why)
	}
	switch {
	case v.Caps&driver.CapGP != 0 && o.sessions == nil:
		return refuse("claims GlobalPlatform sessions (CapGP) but its connections have no Sessions")
	case v.Caps&driver.CapObjref != 0 && o.objects == nil:
		return refuse("claims objects (CapObjref) but its connections have no ObjectInvoker")
	case v.Caps&driver.CapPrivileged != 0:
		return refuse("claims to be privileged (CapPrivileged), which is the mid-layer's to say; it sets Version.Supplicant instead")
	case v.Messages != gp.UUID{} && o.commander == nil:
		return refuse("names a message format but its connections are no Commander")
	case v.Messages == gp.UUID{} && o.commander != nil:
		return refuse("has an opaque channel but its version names no message format")
	case o.supplicant != nil && !v.Supplicant:
		return refuse("provides a supplicant queue but its version says that it uses none")
	case o.canceller != nil && o.sessions == nil && o.commander == nil && o.objects == nil:
		return refuse("can cancel but has nothing that could be cancelled")
	}
	return o, nil
}
