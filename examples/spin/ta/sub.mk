global-incdirs-y += include
srcs-y += spin_ta.c
