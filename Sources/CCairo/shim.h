#pragma once

// cairo-ft.h brings FreeType's `FT_Face`, whose family name says which font stood in for the one asked for.
#include <cairo.h>
#include <cairo-ft.h>
#include <cairo-pdf.h>
