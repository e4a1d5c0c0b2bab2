/// Comma-separated values (RFC 4180) in UTF-8 with LF; nothing is written for what is open or absent.
struct CSVText {
    private(set) var bytes: [UInt8] = []
    private var isFirst = true

    /// Makes a text that begins with the names of its columns.
    init(columns: [String]) {
        for column in columns { text(column) }
        endRow()
    }

    /// Makes the next part of a text.
    init() {}

    /// Makes a text of one field, to be written often.
    init(field: String?) {
        text(field)
    }

    /// Makes a text of one number, to be written often.
    init(number: Double?) {
        self.number(number)
    }

    /// Forgets the rows so far, and keeps their memory.
    mutating func removeAll() {
        bytes.removeAll(keepingCapacity: true)
    }

    /// Begins a row with fields that were written before.
    mutating func begin(with start: CSVText) {
        bytes.append(contentsOf: start.bytes)
        isFirst = start.isFirst
    }

    /// Writes a field that was written before, at the start of a text.
    mutating func field(_ field: CSVText) {
        separate()
        bytes.append(contentsOf: field.bytes)
    }

    /// Writes text, quoted where it must be.
    mutating func text(_ text: String?) {
        separate()
        guard let text else { return }
        let mustQuote = text.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
        if !mustQuote { return bytes.append(contentsOf: text.utf8) }
        bytes.append(0x22)
        for byte in text.utf8 {
            if byte == 0x22 { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(0x22)
    }

    /// Writes a number in as few digits as give it back.
    mutating func number(_ number: Double?) {
        separate()
        guard let number, number.isFinite else { return }
        let whole = Int64(exactly: number)
        bytes.append(contentsOf: (whole.map { String($0) } ?? number.description).utf8)
    }

    /// Writes a whole number.
    mutating func integer(_ number: (some FixedWidthInteger)?) {
        separate()
        if let number { digits(Int64(clamping: number)) }
    }

    /// Writes a length of time in seconds.
    mutating func seconds(_ time: Int64?) {
        number(time.map { Double($0) / 1e9 })
    }

    /// Writes a time in nanoseconds; nothing for one that never happened.
    mutating func nanoseconds(_ time: Int64) {
        separate()
        if time >= 0 { digits(time) }
    }

    /// Writes 1 or 0.
    mutating func flag(_ flag: Bool) {
        separate()
        bytes.append(flag ? 0x31 : 0x30)
    }

    /// Ends the row.
    mutating func endRow() {
        bytes.append(0x0A)
        isFirst = true
    }

    private mutating func separate() {
        if !isFirst { bytes.append(0x2C) }
        isFirst = false
    }

    /// Appends decimal digits without making a string: a run has millions of them.
    private mutating func digits(_ number: Int64) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Self.mostDigits) { room in
            var place = Self.mostDigits
            var rest = number.magnitude
            repeat {
                place -= 1
                room[place] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
                rest /= 10
            } while rest > 0
            if number < 0 {
                place -= 1
                room[place] = 0x2D
            }
            bytes.append(contentsOf: UnsafeMutableBufferPointer(rebasing: room[place...]))
        }
    }

    /// The most bytes that a whole number takes: 19 digits and a sign.
    private static let mostDigits = 20
}
