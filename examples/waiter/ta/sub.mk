global-incdirs-y += include
srcs-y += waiter_ta.c
