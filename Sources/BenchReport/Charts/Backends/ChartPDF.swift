package import Cairo

/// Draws a display list as PDF, in the colours for white pages: lines stay lines, text stays text.
package struct ChartPDF {
    /// Points of a logical pixel: a PDF counts in 1/72 inch, a page of the web in 1/96.
    private static let scale = 0.75

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
    ///   - origin: What the file says about where it comes from.
    /// - Returns: The bytes of the file; the same for the same input and font.
    /// - Throws: ``CairoError`` if cairo can't draw it.
    package func encode(_ list: DisplayList, origin: ChartOrigin) throws(CairoError) -> [UInt8] {
        let surface = try PDFSurface(width: list.width * Self.scale, height: list.height * Self.scale)
        surface.set(.title, to: ChartCanvas.cleaned(list.title))
        surface.set(.subject, to: ChartCanvas.cleaned(list.altText))
        surface.set(.creator, to: ChartCanvas.cleaned(origin.software))
        surface.set(.creationDate, to: origin.date)
        let context = try Context(drawingOn: surface, scale: Self.scale)
        CairoDrawing(fonts: fonts, palette: .light).draw(list, on: context)
        try context.finish()
        return try surface.finish()
    }
}
