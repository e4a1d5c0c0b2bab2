internal import CCairo

/// One face of a font family, measured without hinting so that text scales exactly.
///
/// Belongs to the thread that made it. The corresponding C types are `cairo_font_face_t *` and
/// `cairo_scaled_font_t *`.
package struct Font: ~Copyable {
    /// How heavy the strokes are.
    package enum Weight: Sendable {
        case regular, bold
    }

    /// The size at which the face is measured: large, so that FreeType's rounding to 1/64 pixel vanishes.
    private static let measuringSize = 1000.0

    let face: OpaquePointer
    private let scaled: OpaquePointer

    /// Finds the face that the font configuration has for a family, which may be another family's.
    ///
    /// The corresponding C functions are `cairo_toy_font_face_create` and `cairo_scaled_font_create`.
    ///
    /// - Parameters:
    ///   - family: The family's name, such as `DejaVu Sans`.
    ///   - weight: The weight.
    /// - Throws: ``CairoError`` if cairo can't make the face; a missing font is no error here.
    package init(family: String, weight: Weight) throws(CairoError) {
        let heavy = weight == .bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL
        guard let face = cairo_toy_font_face_create(family, CAIRO_FONT_SLANT_NORMAL, heavy) else {
            throw .operation("make a font", status: "out of memory")
        }
        var size = cairo_matrix_t()
        var identity = cairo_matrix_t()
        cairo_matrix_init_scale(&size, Self.measuringSize, Self.measuringSize)
        cairo_matrix_init_identity(&identity)
        let options = FontOptions()
        guard let scaled = cairo_scaled_font_create(face, &size, &identity, options.raw) else {
            cairo_font_face_destroy(face)
            throw .operation("scale a font", status: "out of memory")
        }
        do {
            try check(cairo_font_face_status(face), "make the font \(family)")
            try check(cairo_scaled_font_status(scaled), "scale the font \(family)")
        } catch {
            cairo_scaled_font_destroy(scaled)
            cairo_font_face_destroy(face)
            throw error
        }
        self.face = face
        self.scaled = scaled
    }

    deinit {
        cairo_scaled_font_destroy(scaled)
        cairo_font_face_destroy(face)
    }

    /// Whether the face comes from a font file.
    ///
    /// Without any font cairo does not fail: it draws boxes from a font of its own and reports success.
    package var isScalable: Bool {
        cairo_scaled_font_get_type(scaled) == CAIRO_FONT_TYPE_FT
    }

    /// The family that was really found; nil if the face comes from no font file.
    ///
    /// The corresponding C function is `cairo_ft_scaled_font_lock_face`.
    package var familyFound: String? {
        guard isScalable, let locked = cairo_ft_scaled_font_lock_face(scaled) else { return nil }
        defer { cairo_ft_scaled_font_unlock_face(scaled) }
        return locked.pointee.family_name.map { String(cString: $0) }
    }

    /// Tells whether the face has a glyph for each character of a text.
    ///
    /// The corresponding C function is `cairo_scaled_font_text_to_glyphs`.
    ///
    /// - Parameter text: The text.
    /// - Returns: False if a character would be drawn as a box.
    /// - Throws: ``CairoError`` if cairo can't look the characters up.
    package borrowing func covers(_ text: String) throws(CairoError) -> Bool {
        var glyphs: UnsafeMutablePointer<cairo_glyph_t>?
        var count: Int32 = 0
        let status = cairo_scaled_font_text_to_glyphs(
            scaled,
            0,
            0,
            text,
            Int32(clamping: text.utf8.count),
            &glyphs,
            &count,
            nil,
            nil,
            nil
        )
        defer { cairo_glyph_free(glyphs) }
        try check(status, "find glyphs")
        return UnsafeBufferPointer(start: glyphs, count: Int(count)).allSatisfy { $0.index != 0 }
    }

    /// Measures how far a text moves the pen.
    ///
    /// The corresponding C function is `cairo_scaled_font_text_extents`.
    ///
    /// - Parameters:
    ///   - text: One line of text.
    ///   - size: The font size, in the unit of the result.
    /// - Returns: The advance width.
    package borrowing func advance(of text: String, size: Double) -> Double {
        var extents = cairo_text_extents_t()
        cairo_scaled_font_text_extents(scaled, text, &extents)
        return extents.x_advance * size / Self.measuringSize
    }
}

/// How glyphs become pixels: the same on every machine, so never by the font's hints or the screen's subpixels.
struct FontOptions: ~Copyable {
    let raw: OpaquePointer?

    init() {
        raw = cairo_font_options_create()
        cairo_font_options_set_hint_style(raw, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(raw, CAIRO_HINT_METRICS_OFF)
        cairo_font_options_set_antialias(raw, CAIRO_ANTIALIAS_GRAY)
    }

    deinit { cairo_font_options_destroy(raw) }
}
