import MuPDF

/// What goes between the server and a process that reads PDFs for it, and how it looks as bytes.
///
/// A message is a head of 16 bytes and a payload; behind the payload of an answer follow the text and the
/// images, whose lengths are in it. Numbers are little-endian.
struct WorkerMessage: Equatable {
    /// What a message is.
    enum Kind: UInt32, CaseIterable {
        /// To the worker, first: what each document may use.
        case limits = 1
        /// From the worker: documents may come.
        case ready
        /// To the worker: a document, which is the payload.
        case document
        /// From the worker: what is in the document.
        case answer
        /// From the worker: why the document gives nothing.
        case failure
    }

    /// The bytes of a head.
    static let headBytes = 16

    let kind: Kind
    /// The document's number; 0 for the first two kinds.
    let number: UInt32
    /// The bytes of the payload.
    let length: Int

    /// Describes a message.
    ///
    /// - Parameters:
    ///   - kind: What it is.
    ///   - number: The document's number.
    ///   - length: The bytes of its payload.
    init(_ kind: Kind, number: UInt32 = 0, length: Int) {
        self.kind = kind
        self.number = number
        self.length = length
    }

    /// Reads a head.
    ///
    /// - Parameter head: Its bytes.
    /// - Throws: ``Malformed``.
    init(head: [UInt8]) throws(Malformed) {
        var bytes = WireReader(head)
        guard let kind = Kind(rawValue: try bytes.number()) else { throw Malformed() }
        self.kind = kind
        self.number = try bytes.number()
        self.length = try bytes.count()
        try bytes.end()
    }

    /// The head as bytes.
    var head: [UInt8] {
        var bytes = WireWriter()
        bytes.put(kind.rawValue)
        bytes.put(number)
        bytes.put(UInt64(length))
        return bytes.bytes
    }

    /// Thrown for bytes that no worker of this version writes.
    struct Malformed: Error, Equatable {}
}

/// Writes numbers and short texts.
struct WireWriter {
    private(set) var bytes: [UInt8] = []

    /// Writes a number.
    ///
    /// - Parameter number: Any number.
    mutating func put(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Writes a text behind its length.
    ///
    /// - Parameter text: Any text; what is past 65,535 bytes is left out.
    mutating func put(_ text: String) {
        let kept = text.utf8.prefix(Int(UInt16.max))
        put(UInt16(kept.count))
        bytes.append(contentsOf: kept)
    }
}

/// Reads what ``WireWriter`` writes, and believes nothing of it.
struct WireReader {
    private let bytes: [UInt8]
    private var position = 0

    /// Begins to read.
    ///
    /// - Parameter bytes: What came.
    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Reads a number.
    ///
    /// - Returns: The number.
    /// - Throws: If the bytes are over.
    mutating func number<Number: FixedWidthInteger>() throws(WorkerMessage.Malformed) -> Number {
        let size = MemoryLayout<Number>.size
        guard bytes.count - position >= size else { throw WorkerMessage.Malformed() }
        var number = Number.zero
        withUnsafeMutableBytes(of: &number) { $0.copyBytes(from: bytes[position..<position + size]) }
        position += size
        return Number(littleEndian: number)
    }

    /// Reads a count of 64 bits.
    ///
    /// - Parameter limit: The largest one that makes sense.
    /// - Returns: The count.
    /// - Throws: If the bytes are over, or the count is past its limit.
    mutating func count(atMost limit: Int = 1 << 40) throws(WorkerMessage.Malformed) -> Int {
        let number: UInt64 = try number()
        guard number <= UInt64(limit) else { throw WorkerMessage.Malformed() }
        return Int(number)
    }

    /// Reads a text that is meant for logs and messages.
    ///
    /// - Parameter limit: The most bytes that make sense.
    /// - Returns: The text.
    /// - Throws: If the bytes are over, or the text is longer or not printable ASCII.
    mutating func words(atMost limit: Int) throws(WorkerMessage.Malformed) -> String {
        let length = Int(try number() as UInt16)
        guard length <= limit, bytes.count - position >= length else { throw WorkerMessage.Malformed() }
        let text = bytes[position..<position + length]
        guard text.allSatisfy({ (0x20...0x7e).contains($0) }) else { throw WorkerMessage.Malformed() }
        position += length
        return String(decoding: text, as: UTF8.self)
    }

    /// Makes sure that nothing is left.
    ///
    /// - Throws: If something is.
    func end() throws(WorkerMessage.Malformed) {
        if position != bytes.count { throw WorkerMessage.Malformed() }
    }
}
