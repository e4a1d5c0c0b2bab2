package import Cairo

/// The two faces of all charts, and what they lack.
///
/// Belongs to the thread that made it. Keeps no font data of its own: the fonts are the machine's.
package final class ChartFonts {
    /// The family asked for.
    package static let family = "DejaVu Sans"
    /// Characters without which a chart would mislead.
    private static let required = "A − – — µ × ÷ ≈ ≥ ± … ·"

    private let regular: Font
    private let bold: Font
    private var isCovered: [Character: Bool] = [:]

    /// The family that was really found.
    package let familyFound: String

    /// Finds the fonts.
    ///
    /// - Throws: ``CairoError/noFont(family:found:)`` unless scalable fonts with all characters are there.
    package init() throws(CairoError) {
        regular = try Font(family: Self.family, weight: .regular)
        bold = try Font(family: Self.family, weight: .bold)
        guard let found = regular.familyFound, bold.isScalable else {
            throw .noFont(family: Self.family, found: nil)
        }
        guard try regular.covers(Self.required), try bold.covers(Self.required) else {
            throw .noFont(family: Self.family, found: found)
        }
        familyFound = found
    }

    /// How wide text is in these fonts.
    ///
    /// A character that they lack counts as wide as it may be in the font of whoever looks at the SVG.
    package var measure: TextMeasure {
        TextMeasure { text, style in
            let missing = text.count { !self.covers($0) }
            return self.advance(of: self.drawable(text), style) + Double(missing) * 0.55 * style.size
        }
    }

    /// The text as the fonts can draw it: `?` for each character that they lack.
    func drawable(_ text: String) -> String {
        String(text.map { covers($0) ? $0 : "?" })
    }

    /// How far a drawable text moves the pen.
    func advance(of text: String, _ style: TextStyle) -> Double {
        style.isBold ? bold.advance(of: text, size: style.size) : regular.advance(of: text, size: style.size)
    }

    /// Sets the face of the text that follows.
    func select(_ style: TextStyle, on context: borrowing Context) {
        if style.isBold {
            context.setFont(bold, size: style.size)
        } else {
            context.setFont(regular, size: style.size)
        }
    }

    private func covers(_ character: Character) -> Bool {
        if let known = isCovered[character] { return known }
        // A failed look-up means the same as a missing glyph: the character can't be drawn.
        let text = String(character)
        let isKnown = ((try? regular.covers(text)) ?? false) && ((try? bold.covers(text)) ?? false)
        isCovered[character] = isKnown
        return isKnown
    }
}
