import CMuPDF

/// Writes zlib streams by the zlib that MuPDF reads with: the same bytes give the same stream.
package enum FlateEncoder {
    /// Compresses at level 6.
    ///
    /// The corresponding C function is `compress2`.
    ///
    /// - Parameter bytes: Any bytes.
    /// - Returns: A zlib stream.
    package static func encode(_ bytes: [UInt8]) -> [UInt8] {
        let bound = cmupdf_deflate_bound(bytes.count)
        return Array(unsafeUninitializedCapacity: bound) { output, count in
            count = cmupdf_deflate(bytes, bytes.count, output.baseAddress, bound)
            precondition(count > 0, "zlib has no memory")
        }
    }
}

/// Pixels of 8 bits a component, rows without padding.
package struct PixelImage: Sendable, Equatable {
    /// Width in pixels.
    package let width: Int
    /// Height in pixels.
    package let height: Int
    /// 1 for grey, 3 for RGB, 4 for CMYK.
    package let components: Int
    /// `width * height * components` bytes, from the top.
    package let pixels: [UInt8]

    /// Takes pixels.
    ///
    /// - Parameters:
    ///   - width: Width in pixels, 1 to 65,500.
    ///   - height: Height in pixels, 1 to 65,500.
    ///   - components: 1 for grey, 3 for RGB, 4 for CMYK.
    ///   - pixels: As many bytes as those make.
    package init(width: Int, height: Int, components: Int, pixels: [UInt8]) {
        let sides = 1...65_500
        precondition(sides.contains(width) && sides.contains(height), "a size that JPEG doesn't have")
        precondition([1, 3, 4].contains(components), "neither grey nor RGB nor CMYK")
        precondition(pixels.count == width * height * components, "pixels of another size")
        (self.width, self.height, self.components, self.pixels) = (width, height, components, pixels)
    }

    /// The pixels as a baseline JPEG.
    ///
    /// The corresponding C function is `jpeg_write_scanlines`.
    ///
    /// - Parameter quality: 1 to 100.
    /// - Returns: A JPEG file.
    package func jpeg(quality: Int) -> [UInt8] {
        pixels.withUnsafeBufferPointer { pixels in
            var picture = CMuPDFPicture(
                pixels: pixels.baseAddress,
                width: Int32(width),
                height: Int32(height),
                components: Int32(components),
                quality: Int32(clamping: quality)
            )
            let bound = cmupdf_jpeg_bound(&picture)
            return Array(unsafeUninitializedCapacity: bound) { output, count in
                count = cmupdf_encode_jpeg(&picture, output.baseAddress, bound)
                precondition(count > 0, "libjpeg has no memory")
            }
        }
    }
}
