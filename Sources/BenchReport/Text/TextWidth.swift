/// How wide text is on a terminal, and text made to fit.
extension String {
    /// The columns that a terminal shows the text in: two for an ideograph, none for a mark on another letter.
    package var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

    /// The text, filled with spaces to a width.
    ///
    /// - Parameters:
    ///   - width: The width, in columns.
    ///   - isRight: Whether the spaces stand before the text.
    /// - Returns: The text; unchanged if it is wider.
    package func padded(to width: Int, isRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - columns))
        return isRight ? blanks + self : self + blanks
    }

    /// The text; when it is wider than a number of columns, without its middle.
    ///
    /// - Parameters:
    ///   - width: The number of columns.
    ///   - mark: What stands for the middle.
    /// - Returns: The text.
    package func shortened(to width: Int, mark: String = "…") -> String {
        guard columns > width else { return self }
        let kept = max(2, width - mark.columns)
        let start = fitting(kept - kept / 2)
        let end = String(String(reversed()).fitting(kept / 2).reversed())
        return start + mark + end
    }

    /// As much of the text's beginning as has room.
    ///
    /// - Parameter width: The room, in columns.
    /// - Returns: One character at the least, so that taking from a text comes to its end.
    package func fitting(_ width: Int) -> String {
        var taken = ""
        var used = 0
        for character in self {
            used += String(character).columns
            guard used <= width || taken.isEmpty else { break }
            taken.append(character)
        }
        return taken
    }

    /// The text without the spaces that end it.
    var trimmedEnd: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}

extension Unicode.Scalar {
    /// The columns of a terminal that the scalar takes, as `wcwidth` counts them.
    ///
    /// Wide are the East Asian scripts (Unicode Standard Annex 11) and what is shown as a picture by default.
    fileprivate var columns: Int {
        if value < 0x300 { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        // Vowels and finals that join a Hangul syllable.
        if (0x1160...0x11FF).contains(value) { return 0 }
        if Self.wide.contains(where: { $0.contains(value) }) { return 2 }
        let isFlagLetter = (0x1F1E6...0x1F1FF).contains(value)
        return properties.isEmojiPresentation && !isFlagLetter ? 2 : 1
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
        0x16FE0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]
}
