// MuPDF
