/// How a report is set on a terminal.
package struct TerminalStyle: Sendable, Equatable {
    /// When colour is used.
    package enum Color: String, Sendable, CaseIterable {
        case auto, always, never
    }

    /// What a piece of text means; colour only repeats what words and signs say.
    enum Role {
        case better, worse, note, title

        /// The escape sequence that begins it.
        var sequence: String {
            switch self {
            case .better: "\u{1B}[34m"
            case .worse: "\u{1B}[33m"
            case .note: "\u{1B}[2m"
            case .title: "\u{1B}[1m"
            }
        }
    }

    /// How many columns a line may fill; 60 at the least.
    package var width: Int
    package var isColored: Bool
    /// Whether signs beyond ASCII may be used.
    package var isUnicode: Bool

    /// Sets a style.
    ///
    /// - Parameters:
    ///   - width: How many columns a line may fill.
    ///   - isColored: Whether colour is used.
    ///   - isUnicode: Whether signs beyond ASCII may be used.
    package init(width: Int = 80, isColored: Bool = false, isUnicode: Bool = true) {
        self.width = max(60, width)
        self.isColored = isColored
        self.isUnicode = isUnicode
    }

    /// Chooses a style for where the report goes.
    ///
    /// - Parameters:
    ///   - environment: The environment's variables.
    ///   - isTerminal: Whether the report goes to a terminal.
    ///   - columns: The terminal's width; nil where it has none.
    ///   - color: What the user asked for.
    package init(environment: [String: String], isTerminal: Bool, columns: Int?, color: Color) {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let isForced = value("CLICOLOR_FORCE").map { $0 != "0" } ?? false
        let isWelcome = isTerminal && value("NO_COLOR") == nil && value("TERM") != "dumb"
        let isColored =
            switch color {
            case .always: true
            case .never: false
            case .auto: isForced || isWelcome
            }
        // Without any locale, as in most containers, the terminal that shows the output is UTF-8.
        let locale = value("LC_ALL") ?? value("LC_CTYPE") ?? value("LANG") ?? "UTF-8"
        let isUnicode = ["UTF-8", "UTF8"].contains { locale.uppercased().contains($0) }
        let width = columns ?? value("COLUMNS").flatMap { Int($0) } ?? 80
        self.init(width: min(width, 200), isColored: isColored, isUnicode: isUnicode)
    }

    /// What stands for a sign where only ASCII may be used.
    private static let plainSigns: [Character: String] = [
        "▲": "^", "▼": "v", "±": "+/-", "…": "...", "−": "-", "≥": ">=", "≈": "~", "÷": "/", "×": "x",
        "→": "->", "◂": "<",
        "µ": "u", "■": "#", "●": "o", "─": "-", "·": "|",
    ]

    /// Text that is safe to print: no control characters, no direction marks, and ASCII where asked for.
    func plain(_ text: String) -> String {
        var safe = ""
        for character in text {
            if character.unicodeScalars.contains(where: Self.isUnsafe) {
                safe += "?"
            } else if isUnicode || character.isASCII {
                safe.append(character)
            } else {
                safe += Self.plainSigns[character] ?? "?"
            }
        }
        return safe
    }

    /// Gives text its colour; the text must be padded already.
    func colored(_ text: String, _ role: Role?) -> String {
        guard isColored, let role, !text.isEmpty else { return text }
        return "\(role.sequence)\(text)\u{1B}[0m"
    }

    /// Control characters, and marks that turn the direction of what follows.
    private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}

/// Text broken into lines.
enum TextWrap {
    /// Breaks text between words.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - width: How wide a line may be, its indent included.
    ///   - first: What the first line begins with.
    ///   - indent: How far the others are indented.
    /// - Returns: The lines; a word that is too long stands alone.
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
            item.count + indent <= width
                ? [item] : lines(item, width: width - indent, first: "", indent: 0)
        }
        return fill(pieces, between: separator, width: width, first: first, indent: indent)
    }

    /// Fills lines with pieces that are never broken.
    static func fill(
        _ pieces: [String],
        between separator: String,
        width: Int,
        first: String,
        indent: Int
    ) -> [String] {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for piece in pieces {
            if !isEmpty, line.count + separator.count + piece.count > width {
                lines.append(line)
                line = String(repeating: " ", count: indent)
                isEmpty = true
            }
            line += (isEmpty ? "" : separator) + piece
            isEmpty = false
        }
        return lines + [line]
    }
}

extension String {
    /// The text, filled with spaces to a width.
    func padded(to width: Int, isRight: Bool = false) -> String {
        let blanks = String(repeating: " ", count: max(0, width - count))
        return isRight ? blanks + self : self + blanks
    }

    /// The text; when it is longer than a width, without its middle.
    func shortened(to width: Int, mark: String = "…") -> String {
        guard count > width else { return self }
        let kept = max(2, width - mark.count)
        return prefix(kept - kept / 2) + mark + suffix(kept / 2)
    }
}
