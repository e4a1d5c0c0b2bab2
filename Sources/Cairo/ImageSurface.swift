internal import CCairo

/// A picture in memory: opaque red, green and blue, 8 bits each.
///
/// Belongs to the thread that made it. The corresponding C type is `cairo_surface_t *`.
package struct ImageSurface: ~Copyable {
    let raw: OpaquePointer

    /// Makes a black picture.
    ///
    /// The corresponding C function is `cairo_image_surface_create`.
    ///
    /// - Parameters:
    ///   - width: The width in pixels.
    ///   - height: The height in pixels.
    /// - Throws: ``CairoError`` if the size is beyond cairo's 32,767 pixels or memory is short.
    package init(width: Int, height: Int) throws(CairoError) {
        let size = (Int32(clamping: width), Int32(clamping: height))
        guard let raw = cairo_image_surface_create(CAIRO_FORMAT_RGB24, size.0, size.1) else {
            throw .operation("make a picture", status: "out of memory")
        }
        do {
            try check(cairo_surface_status(raw), "make a picture of \(width) × \(height) pixels")
        } catch {
            cairo_surface_destroy(raw)
            throw error
        }
        self.raw = raw
    }

    deinit { cairo_surface_destroy(raw) }

    /// Gives access to the pixels of a row.
    ///
    /// The corresponding C functions are `cairo_image_surface_get_data` and `cairo_image_surface_get_stride`.
    ///
    /// - Parameters:
    ///   - row: Which row, from the top; drawing must be over.
    ///   - body: What to do with them: 0x00RRGGBB a pixel, the highest 8 bits undefined. The pointer is good no
    ///     longer. Not called for a row that the picture hasn't.
    package borrowing func withRow(_ row: Int, _ body: (UnsafeBufferPointer<UInt32>) -> Void) {
        cairo_surface_flush(raw)
        guard (0..<Int(cairo_image_surface_get_height(raw))).contains(row),
            let data = cairo_image_surface_get_data(raw)
        else { return }
        let width = Int(cairo_image_surface_get_width(raw))
        let start = UnsafeRawPointer(data) + row * Int(cairo_image_surface_get_stride(raw))
        body(UnsafeBufferPointer(start: start.assumingMemoryBound(to: UInt32.self), count: width))
    }
}
