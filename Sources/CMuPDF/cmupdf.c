#include "CMuPDF.h"
#include <mupdf/fitz.h>
int x(void); int x(void) { return fz_new_context(0,0,0) != 0; }
