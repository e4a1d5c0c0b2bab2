package import Cairo
import Zlib

/// Draws a display list as PNG: two pixels each logical one, told apart from a larger picture by its density.
package struct ChartPNG {
    /// Pixels of a logical pixel.
    private static let scale = 2.0

    private let fonts: ChartFonts

    /// Makes a back end.
    ///
    /// - Parameter fonts: The fonts, with whose measure the display lists were laid out.
    package init(fonts: ChartFonts) {
        self.fonts = fonts
    }

    /// Draws a chart.
    ///
    /// - Parameters:
    ///   - list: What to draw.
    ///   - palette: In which colours.
    ///   - origin: What the file says about where it comes from.
    /// - Returns: The bytes of the file; the same for the same input and font.
    /// - Throws: ``CairoError`` if cairo can't draw it.
    package func encode(
        _ list: DisplayList,
        palette: Palette,
        origin: ChartOrigin
    ) throws(CairoError) -> [UInt8] {
        let (width, height) = (Int(list.width * Self.scale), Int(list.height * Self.scale))
        let surface = try ImageSurface(width: width, height: height)
        let context = try Context(drawingOn: surface, scale: Self.scale)
        CairoDrawing(fonts: fonts, palette: palette).draw(list, on: context)
        try context.finish()
        let metadata = PNGMetadata(title: list.title, description: list.altText, origin: origin)
        do throws(ZlibError) {
            return try PNGFile(width: width, height: height, metadata: metadata.chunks)
                .encode { row, body in surface.withRow(row, body) }
        } catch {
            throw .operation("encode a PNG", status: error.message)
        }
    }
}
