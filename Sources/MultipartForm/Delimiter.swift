import CByteSearch

/// The line that separates parts, recognised across any cuts.
///
/// It is CR LF, two hyphens and the boundary; then either two hyphens, or spaces and tabs and CR LF. With
/// anything else behind it, it is data. A boundary has no CR, so what begins inside a delimiter is none.
struct Delimiter {
    /// What became of a delimiter that was begun.
    enum Verdict {
        case unsure
        case rejected
        case opensPart
        case closesForm
    }

    private let bytes: [UInt8]
    /// How many bytes of the delimiter are taken.
    private var taken = 0
    /// How many of those were read before, as another line's end: they are never data.
    private var borrowed = 0
    /// What was taken behind the boundary.
    private var tail: [UInt8] = []

    init(_ boundary: MultipartBoundary) {
        bytes = [carriageReturn, lineFeed, hyphen, hyphen] + boundary.text.utf8
        tail.reserveCapacity(MultipartLimits.padding + 1)
    }

    /// Whether bytes are held that may belong to a delimiter.
    var isBegun: Bool { taken > 0 }

    /// How many bytes are held.
    var heldBytes: Int { taken + tail.count }

    /// Begins with a CR LF that was already read as something else.
    mutating func borrowLineEnd() {
        taken = 2
        borrowed = 2
    }

    /// Finds where a delimiter begins that may be one, whole or cut off by the end of the bytes, and begins it.
    ///
    /// - Parameter data: Bytes with no delimiter begun before them; not empty.
    /// - Returns: Where data ends, and where to go on.
    mutating func search(in data: UnsafeRawBufferPointer) -> (start: Int, end: Int) {
        guard let base = data.baseAddress else { return (0, 0) }
        // With another byte behind it, it is data like what is around it.
        if let found = byte_search_before(base, data.count, bytes, bytes.count, "\r- \t") {
            let start = found - base
            taken = bytes.count
            return (start, start + bytes.count)
        }
        // Only the last CR can begin a delimiter that is cut off.
        let tailStart = max(0, data.count - bytes.count + 1)
        if let start = data[tailStart...].lastIndex(of: carriageReturn),
            data[start...].elementsEqual(bytes.prefix(data.count - start))
        {
            taken = data.count - start
            return (start, data.count)
        }
        return (data.count, data.count)
    }

    /// Takes bytes while they can belong to the delimiter begun.
    ///
    /// - Parameters:
    ///   - input: The bytes fed.
    ///   - position: Where to begin; moved behind what was taken.
    /// - Returns: `unsure` if all input was taken. `rejected` leaves the byte that doesn't belong.
    mutating func take(_ input: UnsafeRawBufferPointer, _ position: inout Int) -> Verdict {
        while position < input.count {
            let byte = input[position]
            if taken < bytes.count {
                guard byte == bytes[taken] else { return .rejected }
                taken += 1
            } else {
                switch (tail.last, byte) {
                case (carriageReturn, lineFeed):
                    position += 1
                    return ended(.opensPart)
                case (hyphen, hyphen):
                    position += 1
                    return ended(.closesForm)
                case (carriageReturn, _), (hyphen, _): return .rejected
                case (nil, hyphen), (_, carriageReturn): break
                case (_, space), (_, tab):
                    if tail.count == MultipartLimits.padding { return .rejected }
                default: return .rejected
                }
                tail.append(byte)
            }
            position += 1
        }
        return .unsure
    }

    /// Gives the bytes held of a rejected delimiter as data, and forgets them.
    mutating func withRejected(_ body: (UnsafeRawBufferPointer) -> Void) {
        bytes[borrowed..<taken].withUnsafeBytes(body)
        tail.withUnsafeBytes(body)
        _ = ended(.rejected)
    }

    private mutating func ended(_ verdict: Verdict) -> Verdict {
        taken = 0
        borrowed = 0
        tail.removeAll(keepingCapacity: true)
        return verdict
    }
}

private let carriageReturn = UInt8(ascii: "\r")
private let lineFeed = UInt8(ascii: "\n")
private let hyphen = UInt8(ascii: "-")
private let space = UInt8(ascii: " ")
private let tab = UInt8(ascii: "\t")
