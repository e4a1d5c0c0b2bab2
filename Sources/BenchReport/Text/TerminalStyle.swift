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

    /// How many columns a line may fill; 40 at the least.
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
        self.width = max(40, width)
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
        let given = value("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
        self.init(
            width: min(columns ?? given ?? 80, 200),
            isColored: isColored,
            isUnicode: Self.isUnicode(environment)
        )
    }

    /// Whether a locale has signs beyond ASCII.
    ///
    /// - Parameter environment: The environment's variables.
    /// - Returns: Also without any locale, as in most containers: the terminal that shows the output is UTF-8.
    package static func isUnicode(_ environment: [String: String]) -> Bool {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
        guard let locale = locale?.uppercased() else { return true }
        return locale.contains("UTF-8") || locale.contains("UTF8")
    }

    /// What stands for a sign where only ASCII may be used.
    private static let plainSigns: [Character: String] = [
        "▲": "^", "▼": "v", "±": "+/-", "…": "...", "−": "-", "≥": ">=", "≈": "~", "÷": "/", "×": "x",
        "→": "->", "◂": "<", "≤": "<=", "–": "-", "—": "-", "✔": "+", "✘": "x",
        "µ": "u", "■": "#", "●": "o", "─": "-", "·": "|",
    ]

    /// Text in ASCII; signs that have no counterpart become question marks.
    ///
    /// - Parameter text: The text.
    /// - Returns: The text; what was ASCII stays, control characters too.
    package static func ascii(_ text: String) -> String {
        text.reduce(into: "") { plain, character in
            if character.isASCII || character == "\r\n" {
                plain.append(character)
            } else {
                plain += plainSigns[character] ?? "?"
            }
        }
    }

    /// Text that is safe to print: no control characters, no direction marks, and ASCII where asked for.
    func plain(_ text: String) -> String {
        var safe = ""
        for character in text {
            if character.unicodeScalars.contains(where: Self.isUnsafe) {
                safe += "?"
            } else {
                safe.append(character)
            }
        }
        return isUnicode ? safe : Self.ascii(safe)
    }

    /// Gives text its colour; the text must be padded already.
    func colored(_ text: String, _ role: Role?) -> String {
        guard isColored, let role, !text.isEmpty else { return text }
        return "\(role.sequence)\(text)\u{1B}[0m"
    }

    /// Whether a scalar would do something to a terminal: controls, line breaks, marks that turn the direction.
    ///
    /// - Parameter scalar: The scalar.
    /// - Returns: Whether it must not be printed.
    package static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x61C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
