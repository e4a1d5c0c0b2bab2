internal import CCairo

/// A pen on a surface.
///
/// Errors stick: after the first, drawing does nothing and ``finish()`` throws it. Belongs to the thread that
/// made it. The corresponding C type is `cairo_t *`.
package struct Context: ~Copyable {
    private let raw: OpaquePointer

    /// Takes up a pen; the surface lives at least as long as the pen.
    ///
    /// The corresponding C function is `cairo_create`.
    ///
    /// - Parameters:
    ///   - surface: What to draw on.
    ///   - scale: Pixels per unit of every coordinate given later.
    /// - Throws: ``CairoError`` if memory is short.
    package init(drawingOn surface: borrowing ImageSurface, scale: Double) throws(CairoError) {
        try self.init(on: surface.raw, scale: scale)
    }

    /// Takes up a pen; the surface lives at least as long as the pen.
    ///
    /// The corresponding C function is `cairo_create`.
    ///
    /// - Parameters:
    ///   - surface: What to draw on.
    ///   - scale: Points per unit of every coordinate given later.
    /// - Throws: ``CairoError`` if memory is short.
    package init(drawingOn surface: borrowing PDFSurface, scale: Double) throws(CairoError) {
        try self.init(on: surface.raw, scale: scale)
    }

    private init(on surface: OpaquePointer, scale: Double) throws(CairoError) {
        guard let raw = cairo_create(surface) else {
            throw .operation("start to draw", status: "out of memory")
        }
        cairo_scale(raw, scale, scale)
        let options = FontOptions()
        cairo_set_font_options(raw, options.raw)
        cairo_set_antialias(raw, CAIRO_ANTIALIAS_GRAY)
        do {
            try check(cairo_status(raw), "start to draw")
        } catch {
            cairo_destroy(raw)
            throw error
        }
        self.raw = raw
    }

    deinit { cairo_destroy(raw) }

    /// Puts down the pen.
    ///
    /// The corresponding C function is `cairo_status`.
    ///
    /// - Throws: The first ``CairoError`` of all that was drawn.
    package consuming func finish() throws(CairoError) {
        try check(cairo_status(raw), "draw")
    }

    /// Sets the colour of what follows; each part is 0…1.
    ///
    /// The corresponding C function is `cairo_set_source_rgba`.
    ///
    /// - Parameters:
    ///   - red: The red part.
    ///   - green: The green part.
    ///   - blue: The blue part.
    ///   - alpha: How much it covers.
    package func setColor(red: Double, green: Double, blue: Double, alpha: Double) {
        cairo_set_source_rgba(raw, red, green, blue, alpha)
    }

    /// Covers everything with the colour.
    ///
    /// The corresponding C function is `cairo_paint`.
    package func paint() {
        cairo_paint(raw)
    }

    /// Adds a rectangle to the path.
    ///
    /// The corresponding C function is `cairo_rectangle`.
    ///
    /// - Parameters:
    ///   - x: The left edge.
    ///   - y: The top edge.
    ///   - width: The width.
    ///   - height: The height.
    package func addRectangle(x: Double, y: Double, width: Double, height: Double) {
        cairo_rectangle(raw, x, y, width, height)
    }

    /// Adds a circle to the path.
    ///
    /// The corresponding C function is `cairo_arc`.
    ///
    /// - Parameters:
    ///   - x: The centre, across.
    ///   - y: The centre, down.
    ///   - radius: The radius.
    package func addCircle(x: Double, y: Double, radius: Double) {
        cairo_new_sub_path(raw)
        cairo_arc(raw, x, y, radius, 0, 2 * Double.pi)
        cairo_close_path(raw)
    }

    /// Starts a new line of the path.
    ///
    /// The corresponding C function is `cairo_move_to`.
    ///
    /// - Parameters:
    ///   - x: Where, across.
    ///   - y: Where, down.
    package func move(x: Double, y: Double) {
        cairo_move_to(raw, x, y)
    }

    /// Draws the path on to a point.
    ///
    /// The corresponding C function is `cairo_line_to`.
    ///
    /// - Parameters:
    ///   - x: Where to, across.
    ///   - y: Where to, down.
    package func addLine(x: Double, y: Double) {
        cairo_line_to(raw, x, y)
    }

    /// Joins the end of the path with its start.
    ///
    /// The corresponding C function is `cairo_close_path`.
    package func closePath() {
        cairo_close_path(raw)
    }

    /// Fills the path with the colour and forgets it.
    ///
    /// The corresponding C function is `cairo_fill`.
    package func fill() {
        cairo_fill(raw)
    }

    /// Draws along the path with round joins and forgets it.
    ///
    /// The corresponding C functions are `cairo_set_dash` and `cairo_stroke`.
    ///
    /// - Parameters:
    ///   - width: The width of the line.
    ///   - dashes: Lengths drawn and left out in turn; empty for an unbroken line.
    package func stroke(width: Double, dashes: [Double] = []) {
        cairo_set_line_width(raw, width)
        cairo_set_line_join(raw, CAIRO_LINE_JOIN_ROUND)
        cairo_set_dash(raw, dashes, Int32(clamping: dashes.count), 0)
        cairo_stroke(raw)
    }

    /// Restricts drawing to the path until ``endClip()``, and forgets the path.
    ///
    /// The corresponding C functions are `cairo_save` and `cairo_clip`.
    package func beginClip() {
        cairo_save(raw)
        cairo_clip(raw)
    }

    /// Lifts the restriction of the last ``beginClip()``.
    ///
    /// The corresponding C function is `cairo_restore`.
    package func endClip() {
        cairo_restore(raw)
    }

    /// Sets the face of the text that follows.
    ///
    /// The corresponding C functions are `cairo_set_font_face` and `cairo_set_font_size`.
    ///
    /// - Parameters:
    ///   - font: The face; it may go before the pen does.
    ///   - size: The size.
    package func setFont(_ font: borrowing Font, size: Double) {
        cairo_set_font_face(raw, font.face)
        cairo_set_font_size(raw, size)
    }

    /// Draws one line of text.
    ///
    /// The corresponding C function is `cairo_show_text`.
    ///
    /// - Parameters:
    ///   - text: The text; it ends at a NUL.
    ///   - x: The left end.
    ///   - baseline: The line that the letters stand on.
    package func show(_ text: String, x: Double, baseline: Double) {
        cairo_move_to(raw, x, baseline)
        cairo_show_text(raw, text)
        cairo_new_path(raw)
    }

    /// Adds the outlines of one line of text to the path.
    ///
    /// The corresponding C function is `cairo_text_path`.
    ///
    /// - Parameters:
    ///   - text: The text; it ends at a NUL.
    ///   - x: The left end.
    ///   - baseline: The line that the letters stand on.
    package func addOutline(of text: String, x: Double, baseline: Double) {
        cairo_move_to(raw, x, baseline)
        cairo_text_path(raw, text)
    }
}
