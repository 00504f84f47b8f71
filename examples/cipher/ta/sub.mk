global-incdirs-y += include
srcs-y += cipher_ta.c
