/// Text broken into lines.
enum TextWrap {
    /// Breaks text between words.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - width: How wide a line may be, its indent included.
    ///   - first: What the first line begins with.
    ///   - indent: How far the others are indented.
    /// - Returns: The lines; only a word that has no room on a line of its own is cut.
    static func lines(_ text: String, width: Int, first: String, indent: Int) -> [String] {
        fill(
            text.split(separator: " ").map(String.init),
            between: " ",
            width: width,
            first: first,
            indent: indent
        )
    }

    /// Fills lines with items; those too long for a line are broken between words.
    static func items(_ items: [String], width: Int, first: String, indent: Int, sign: String) -> [String] {
        let separator = " \(sign) "
        let pieces = items.flatMap { item in
            item.columns + indent <= width
                ? [item] : lines(item, width: width - indent, first: "", indent: 0)
        }
        return fill(pieces, between: separator, width: width, first: first, indent: indent)
    }

    /// Fills lines with pieces; one that has no room on a line of its own is cut.
    static func fill(
        _ pieces: [String],
        between separator: String,
        width: Int,
        first: String,
        indent: Int
    ) -> [String] {
        let blanks = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = first
        var isEmpty = true
        func room() -> Int { width - line.columns }
        for piece in pieces {
            let separated = isEmpty ? piece : separator + piece
            if separated.columns <= room() {
                line += separated
                isEmpty = false
                continue
            }
            // What the first line begins with may leave less room than the others have.
            if !isEmpty || line.columns > indent {
                lines.append(line.trimmedEnd)
                line = blanks
            }
            var rest = piece[...]
            while String(rest).columns > room() {
                let part = String(rest).fitting(room())
                lines.append(line + part)
                line = blanks
                rest = rest.dropFirst(part.count)
            }
            line += rest
            isEmpty = false
        }
        return lines + [line]
    }
}
