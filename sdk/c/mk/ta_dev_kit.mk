# Rules that build a TA from a directory with a sub.mk. A TA's Makefile sets
# BINARY to the TA's UUID and includes this file:
#
#	make TA_DEV_KIT_DIR=<this kit> [O=<output>] [CFG_...=...]
#
# A sub.mk names, for its directory: srcs-y, subdirs-y, global-incdirs-y,
# incdirs-y, cflags-y, cppflags-y, cflags-<source>-y, cflags-remove-<source>-y,
# libnames, libdirs, libdeps. Needs GNU make 4.

ta-kit := $(patsubst %/,%,$(abspath $(dir $(lastword $(MAKEFILE_LIST)))..))

.PHONY: all clean
all:

ifneq (1,$(words $(BINARY) $(LIBNAME)))
$(error set BINARY to the UUID of the TA, or LIBNAME to the name of a library)
endif

TA_CC ?= clang
TA_CXX ?= $(TA_CC)
TA_LD ?= wasm-ld
TA_AR ?= llvm-ar
TA_STRIP ?= n
O ?= out
CFG_TEE_TA_LOG_LEVEL ?= 2

ifneq ($(V),1)
ta-q := @
ta-say = @echo '  $(1)	$(2)'
endif

# What all sources are compiled with
ta-cppflags := -I. -I$(ta-kit)/include -DTRACE_LEVEL=$(CFG_TEE_TA_LOG_LEVEL)
ta-cppflags += $(foreach v,$(filter CFG_%,$(.VARIABLES)),$(if \
	$(filter y,$($(v))),-D$(v)=1,$(if $(filter-out n,$($(v))),-D$(v)='$($(v))')))
ifeq ($(CFG_TA_OPTEE_CORE_API_COMPAT_1_1),y)
ta-cppflags += -D__OPTEE_CORE_API_COMPAT_1_1=1
endif
ta-machine := --target=wasm32-unknown-unknown -mbulk-memory -msign-ext -mmutable-globals
ta-cflags := $(ta-machine) -O2 -g -gdwarf-4 -nostdlibinc -fno-common \
	-ffunction-sections -fdata-sections -fvisibility=hidden \
	-fdebug-prefix-map=$(CURDIR)=. -fdebug-compilation-dir=. -Wall
ta-cxxflags := -fno-exceptions -fno-rtti -fno-threadsafe-statics

# sub.mk files, from the directory of the Makefile down
ta-objs :=
ta-global-incdirs :=
ta-path = $(if $(filter /%,$(2)),$(2),$(if $(filter .,$(1)),$(2),$(1)/$(2)))
ta-obj = $(O)/$(subst ../,__/,$(1)).o

define ta-source
ta-objs += $(call ta-obj,$(2))
ta-src-$(call ta-obj,$(2)) := $(2)
ta-flags-$(call ta-obj,$(2)) := $(addprefix -I,$(foreach d,$(incdirs-y),$(call ta-path,$(1),$(d)))) \
	$(cppflags-y) $(cppflags-$(3)-y) $(cflags-y) $(cflags-$(3)-y) $(cxxflags-y) $(cxxflags-$(3)-y)
ta-remove-$(call ta-obj,$(2)) := $(cflags-remove-y) $(cflags-remove-$(3)-y)
endef

define ta-subdir
sub-dir := $(1)
srcs-y :=
subdirs-y :=
incdirs-y :=
global-incdirs-y :=
cflags-y :=
cxxflags-y :=
cppflags-y :=
cflags-remove-y :=
include $(if $(filter .,$(1)),,$(1)/)sub.mk
ta-global-incdirs += $$(foreach d,$$(global-incdirs-y),$$(call ta-path,$(1),$$(d)))
$$(foreach s,$$(srcs-y),$$(eval $$(call ta-source,$(1),$$(call ta-path,$(1),$$(s)),$$(s))))
ta-subdirs-$(1) := $$(foreach d,$$(subdirs-y),$$(call ta-path,$(1),$$(d)))
$$(foreach d,$$(ta-subdirs-$(1)),$$(eval $$(call ta-subdir,$$(d))))
endef

$(eval $(call ta-subdir,.))

ifneq ($(BINARY),)
ta-header := $(O)/ta_header.o
ta-objs += $(ta-header)
ta-src-$(ta-header) := $(ta-kit)/src/ta_header.c
ta-flags-$(ta-header) :=
endif

# Objects; a changed flag or makefile compiles again
define ta-compile
$(1): $(ta-src-$(1)) $(MAKEFILE_LIST)
	$$(call ta-say,CC,$(1))
	@mkdir -p $$(dir $(1))
	$$(ta-q)$(if $(filter %.cpp %.cc,$(ta-src-$(1))),$(TA_CXX) $(ta-cxxflags),$(TA_CC)) \
		$(filter-out $(ta-remove-$(1)),$(ta-cflags)) $(ta-cppflags) $(CPPFLAGS) $(CFLAGS) \
		$(addprefix -I,$(ta-global-incdirs)) $(ta-flags-$(1)) -MMD -MP -c $(ta-src-$(1)) -o $(1)
-include $(1:.o=.d)
endef
$(foreach o,$(ta-objs),$(eval $(call ta-compile,$(o))))

# The TA: exported is what the loader looks for
ta-entries := TA_CreateEntryPoint TA_DestroyEntryPoint TA_OpenSessionEntryPoint \
	TA_CloseSessionEntryPoint TA_InvokeCommandEntryPoint \
	__GP11_TA_OpenSessionEntryPoint __GP11_TA_InvokeCommandEntryPoint
ta-ldflags := --no-entry --gc-sections --fatal-warnings \
	--stack-first -z stack-size=16777216 \
	--allow-undefined-file=$(ta-kit)/imports.txt \
	--export=ta_head --export=__stack_pointer --export=__heap_base \
	--export=__wasm_call_ctors $(addprefix --export-if-defined=,$(ta-entries))
ifeq ($(TA_STRIP),y)
ta-ldflags += --strip-all
endif

ifneq ($(BINARY),)
all: $(O)/$(BINARY).ta
$(O)/$(BINARY).ta: $(ta-objs) $(libdeps) $(ta-kit)/lib/libta.a
	$(call ta-say,LD,$@)
	$(ta-q)$(TA_LD) $(ta-ldflags) $(ta-objs) $(LDADD) \
		$(addprefix -L,$(libdirs)) $(addprefix -l,$(libnames)) \
		$(ta-kit)/lib/libta.a -o $@
endif

ifneq ($(LIBNAME),)
all: $(O)/$(LIBNAME).a
$(O)/$(LIBNAME).a: $(ta-objs)
	$(call ta-say,AR,$@)
	$(ta-q)rm -f $@ && $(TA_AR) rcs $@ $(ta-objs)
endif

clean:
	$(ta-q)rm -f $(ta-objs) $(ta-objs:.o=.d) $(O)/$(BINARY).ta $(O)/$(LIBNAME).a
