// Stacks of other threads, taken by a signal.
#include "probe_internal.h"

#if LP_IS_SUPPORTED
int lp_signal(void) { return 0; }
int lp_install_handler(int s) { return s; }
void lp_refresh_modules(void) {}
#endif
