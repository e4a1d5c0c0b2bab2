/// How wide text is; passed in, so that layout needs no font.
package struct TextMeasure {
    /// The width of one line of text in a style, in logical pixels.
    package let width: (String, TextStyle) -> Double

    /// Makes a measure.
    ///
    /// - Parameter width: The width of one line of text in a style.
    package init(width: @escaping (String, TextStyle) -> Double) {
        self.width = width
    }

    /// Every character as wide as DejaVu Sans is on average, and bold ones wider: for tests, and for SVG on
    /// machines without fonts.
    package static var fixedWidth: TextMeasure {
        TextMeasure { text, style in
            text.reduce(0) { sum, character in
                sum
                    + (character.isASCII || character.unicodeScalars.allSatisfy { $0.value < 0x2E80 }
                        ? 0.62 : 1.05)
            } * style.size * (style.isBold ? 1.12 : 1)
        }
    }

    /// Shortens a text by its middle until it fits.
    ///
    /// Names differ at their ends more than in their middle: `upload-v1-async` and `upload-v2-async`.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - style: Its style.
    ///   - width: The space there is.
    /// - Returns: The text, with an ellipsis for what was left out.
    package func fitted(_ text: String, style: TextStyle, width: Double) -> String {
        guard self.width(text, style) > width else { return text }
        var count = text.count - 1
        while count > 1 {
            let candidate = Self.middleTruncated(text, to: count)
            if self.width(candidate, style) <= width { return candidate }
            count -= 1
        }
        return "…"
    }

    /// Shortens a text by its middle to a number of characters.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - count: The most characters to keep, the ellipsis among them.
    /// - Returns: The text, with an ellipsis for what was left out.
    package static func middleTruncated(_ text: String, to count: Int) -> String {
        guard text.count > count else { return text }
        let kept = max(0, count - 1)
        return text.prefix(kept - kept / 2) + "…" + text.suffix(kept / 2)
    }

    /// Shortens a sentence by its last words until it fits.
    private func cut(_ sentence: String, style: TextStyle, width: Double) -> String {
        var words = sentence.split(separator: " ")
        guard self.width(sentence, style) > width, words.count > 2 else {
            return fitted(sentence, style: style, width: width)
        }
        while words.count > 1, self.width(words.joined(separator: " ") + " …", style) > width {
            words.removeLast()
        }
        return fitted(words.joined(separator: " ") + " …", style: style, width: width)
    }

    /// A name as charts write it: at most 24 characters of it.
    ///
    /// - Parameter name: The name of a target.
    /// - Returns: The name, with an ellipsis for its middle if it is long.
    package static func shortName(_ name: String) -> String {
        middleTruncated(name, to: 24)
    }

    /// Breaks a text at blanks into lines that fit; a word that is too wide loses its middle.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - style: Its style.
    ///   - width: The width of a line.
    ///   - limit: The most lines; the last one loses its last words.
    /// - Returns: The lines.
    package func wrapped(_ text: String, style: TextStyle, width: Double, limit: Int = .max) -> [String] {
        var lines: [String] = []
        for word in Self.words(of: text) {
            if let last = lines.last, lines.count == limit || self.width("\(last) \(word)", style) <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(word)
            }
        }
        return lines.map { cut($0, style: style, width: width) }
    }

    /// The parts between which a line may break: a change stays with its name and its per cent sign.
    private static func words(of text: String) -> [String] {
        text.split(separator: " ").reduce(into: []) { words, word in
            let isGlued =
                word.hasPrefix("%") || (word.count > 1 && (word.hasPrefix("+") || word.hasPrefix("−")))
            if isGlued, let last = words.popLast() {
                words.append("\(last) \(word)")
            } else {
                words.append(String(word))
            }
        }
    }

    /// Breaks a text, between its parts where possible: `10 rounds · whiskers = 95 % CI`.
    ///
    /// - Parameters:
    ///   - parts: The parts.
    ///   - separator: What stands between them.
    ///   - style: Their style.
    ///   - width: The width of a line.
    /// - Returns: The lines; a part that is too wide for one is broken at its blanks.
    package func joined(_ parts: [String], by separator: String, style: TextStyle, width: Double) -> [String]
    {
        parts.reduce(into: []) { lines, part in
            if let last = lines.last, self.width(last + separator + part, style) <= width {
                lines[lines.count - 1] = last + separator + part
            } else {
                lines += wrapped(part, style: style, width: width, limit: 3)
            }
        }
    }

    /// Breaks a text into as few lines as possible, all about as long.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - style: Its style.
    ///   - width: The most that a line may take.
    ///   - limit: The most lines.
    /// - Returns: The lines.
    package func balanced(_ text: String, style: TextStyle, width: Double, limit: Int) -> [String] {
        var best = wrapped(text, style: style, width: width, limit: limit)
        var narrower = width
        while best.count > 1, narrower > width / 2 {
            narrower -= 8
            let lines = wrapped(text, style: style, width: narrower)
            guard lines.count == best.count, lines.joined(separator: " ") == text else { break }
            best = lines
        }
        return best
    }
}
