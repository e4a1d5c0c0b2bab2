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

    /// Encodes the picture as PNG.
    ///
    /// The corresponding C function is `cairo_surface_write_to_png_stream`.
    ///
    /// - Returns: The whole file: IHDR, image data, IEND, and whatever else cairo finds worth saying.
    /// - Throws: ``CairoError`` if encoding fails.
    package borrowing func png() throws(CairoError) -> [UInt8] {
        var bytes: [UInt8] = []
        let status = withUnsafeMutablePointer(to: &bytes) { destination in
            cairo_surface_write_to_png_stream(raw, appendToBytes, destination)
        }
        try check(status, "encode a PNG")
        return bytes
    }
}

/// Appends what cairo writes to the array that the user data points to.
private let appendToBytes:
    @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<UInt8>?, UInt32) -> cairo_status_t =
        { destination, data, count in
            guard let destination, let data else { return CAIRO_STATUS_WRITE_ERROR }
            destination.assumingMemoryBound(to: [UInt8].self).pointee
                .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(count)))
            return CAIRO_STATUS_SUCCESS
        }
