/// Writes JSON, fields in the order they are given, so that equal values give equal bytes.
struct JSONText {
    private(set) var text = ""
    private let isPretty: Bool
    private var depth = 0
    private var isFirst = true

    /// Starts an empty document.
    ///
    /// - Parameter isPretty: Whether each field and element has a line of its own.
    init(isPretty: Bool) {
        self.isPretty = isPretty
    }

    /// Writes an object.
    ///
    /// - Parameter fields: Writes the fields.
    mutating func object(_ fields: (inout JSONText) -> Void) {
        enclose("{", "}", fields)
    }

    /// Writes an array.
    ///
    /// - Parameters:
    ///   - elements: The elements.
    ///   - write: Writes one of them.
    mutating func array<Element>(_ elements: [Element], _ write: (inout JSONText, Element) -> Void) {
        enclose("[", "]") { json in
            for element in elements {
                json.separate()
                write(&json, element)
            }
        }
    }

    /// Writes a field's name; its value must follow.
    ///
    /// - Parameter name: The name.
    mutating func key(_ name: String) {
        separate()
        quote(name)
        text += isPretty ? ": " : ":"
    }

    /// Writes a field that holds text; none without a value.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - value: The value.
    mutating func field(_ name: String, _ value: String?) {
        guard let value else { return }
        key(name)
        quote(value)
    }

    /// Writes a field that holds a whole number; none without a value.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - value: The value.
    mutating func field(_ name: String, _ value: (some BinaryInteger)?) {
        guard let value else { return }
        key(name)
        text += String(value)
    }

    /// Writes a field that holds a truth value.
    ///
    /// - Parameters:
    ///   - name: The name.
    ///   - value: The value.
    mutating func field(_ name: String, _ value: Bool) {
        key(name)
        text += value ? "true" : "false"
    }

    /// Writes a field that holds a duration in nanoseconds; none without a value.
    ///
    /// - Parameters:
    ///   - name: The name, which ends in `_ns`.
    ///   - value: The value.
    mutating func field(_ name: String, _ value: Duration?) {
        field(name, value?.wholeNanoseconds)
    }

    /// Writes text, as a value or an element.
    ///
    /// - Parameter value: The text.
    mutating func quote(_ value: String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..<"\u{20}", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    private mutating func enclose(_ open: String, _ close: String, _ content: (inout JSONText) -> Void) {
        text += open
        depth += 1
        isFirst = true
        content(&self)
        depth -= 1
        if !isFirst { breakLine() }
        text += close
        isFirst = false
    }

    private mutating func separate() {
        if !isFirst { text += "," }
        isFirst = false
        breakLine()
    }

    private mutating func breakLine() {
        guard isPretty else { return }
        text += "\n" + String(repeating: "  ", count: depth)
    }
}
