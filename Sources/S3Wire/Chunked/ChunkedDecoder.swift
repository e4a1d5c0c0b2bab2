import Crypto

/// Finds the plain bytes in an aws-chunked body, and proves its signatures.
///
/// It holds no chunk: it says which bytes of the input are plain, and says the same however the input is cut.
/// What it said is to be believed only after ``finish()``.
package struct ChunkedDecoder {
    /// A chunk's or trailer's line: a signature has 64 digits, a checksum 44 at most.
    private static let maximumLineBytes = 512
    private static let maximumTrailerLines = 8
    /// Sixteen digits would not fit into a signed number.
    private static let maximumSizeDigits = 16

    private enum State {
        /// In the line that tells a chunk's size.
        case size
        /// In a chunk's bytes, of which so many are to come.
        case data(Int64)
        /// Behind a chunk's bytes; so many bytes of the line's end were seen.
        case dataEnd(Int)
        /// Behind the last chunk: in the lines of the trailer.
        case trailer
        /// Behind the empty line that ends the body.
        case end
    }

    private var state = State.size
    private var line: [UInt8] = []
    private var signatures: ChunkSignatures?
    private let signsTrailer: Bool
    private var chunkHash = SHA256()
    private var chunkSignature = ""
    private var remaining: Int64
    private var fields: [HeaderFields.Field] = []
    private var trailerSignature: String?

    /// Starts at the beginning of a body.
    ///
    /// - Parameters:
    ///   - size: How many plain bytes are declared.
    ///   - signatures: Checks the chunks; nil where they are not signed.
    ///   - signsTrailer: Whether the trailer is signed as well.
    package init(size: Int64, signatures: ChunkSignatures?, signsTrailer: Bool) {
        remaining = size
        self.signatures = signatures
        self.signsTrailer = signsTrailer
    }

    /// Takes the next bytes of the body.
    ///
    /// - Parameter bytes: What came in.
    /// - Returns: Where plain bytes lie in them, in order.
    /// - Throws: ``S3RequestError`` for a body that is not well-formed, longer than declared, or wrongly signed.
    package mutating func decode(_ bytes: UnsafeRawBufferPointer) throws(S3RequestError) -> [Range<Int>] {
        var plain: [Range<Int>] = []
        var position = 0
        while position < bytes.count {
            switch state {
            case .data(let left):
                let count = Int(min(left, Int64(bytes.count - position)))
                let range = position..<position + count
                if signatures != nil {
                    chunkHash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[range]))
                }
                plain.append(range)
                position += count
                state = left == Int64(count) ? .dataEnd(0) : .data(left - Int64(count))
            case .dataEnd(let seen):
                guard bytes[position] == (seen == 0 ? Self.carriageReturn : Self.lineFeed) else {
                    throw S3RequestError(.incompleteBody)
                }
                position += 1
                if seen == 0 {
                    state = .dataEnd(1)
                } else {
                    try endChunk()
                    state = .size
                }
            case .size, .trailer:
                let byte = bytes[position]
                position += 1
                guard byte == Self.lineFeed else {
                    line.append(byte)
                    guard line.count <= Self.maximumLineBytes else { throw Self.malformed }
                    continue
                }
                try endLine()
            case .end:
                throw S3RequestError(.incompleteBody, "There are bytes after the end of the body.")
            }
        }
        return plain
    }

    /// Ends the body, whose last line end may be missing.
    ///
    /// - Returns: The fields of the trailer, with names in lower case.
    /// - Throws: ``S3RequestError`` if it ended too early, or its trailer is wrongly signed.
    package mutating func finish() throws(S3RequestError) -> HeaderFields {
        if case .trailer = state, !line.isEmpty { try endLine() }
        switch state {
        case .trailer, .end: break
        default: throw S3RequestError(.incompleteBody)
        }
        guard remaining == 0 else { throw S3RequestError(.incompleteBody) }
        var trailer = HeaderFields()
        for field in fields { trailer.append(field.name, field.value) }
        if signsTrailer, let signatures {
            let canonical = fields.map { "\($0.name):\($0.value)\n" }.joined()
            guard let trailerSignature else {
                throw S3RequestError(.malformedTrailer, "The trailer is not signed.")
            }
            guard signatures.accepts(trailerSignature, trailer: canonical) else {
                throw S3RequestError(.signatureDoesNotMatch)
            }
        }
        return trailer
    }

    private static let carriageReturn = UInt8(ascii: "\r")
    private static let lineFeed = UInt8(ascii: "\n")
    private static var malformed: S3RequestError {
        S3RequestError(.invalidRequest, "The body is not in aws-chunked encoding.")
    }

    private mutating func endLine() throws(S3RequestError) {
        let endsInBoth = line.last == Self.carriageReturn
        if endsInBoth { line.removeLast() }
        defer { line.removeAll(keepingCapacity: true) }
        if case .size = state {
            guard endsInBoth else { throw Self.malformed }
            try beginChunk()
        } else if line.isEmpty {
            // Some clients put empty lines before the signature.
            if !signsTrailer || trailerSignature != nil { state = .end }
        } else {
            try readField()
        }
    }

    private mutating func beginChunk() throws(S3RequestError) {
        let digits = line.prefix { $0 != UInt8(ascii: ";") }
        guard !digits.isEmpty, digits.count <= Self.maximumSizeDigits else { throw Self.malformed }
        var number: UInt64 = 0
        for digit in digits {
            guard let value = HexEncoding.value(of: digit) else { throw Self.malformed }
            number = number << 4 | UInt64(value)
        }
        guard let size = Int64(exactly: number) else { throw Self.malformed }
        guard size <= remaining else { throw S3RequestError(.incompleteBody) }
        if signatures != nil {
            let mark = Array(";chunk-signature=".utf8)
            guard line[digits.count...].starts(with: mark) else { throw Self.malformed }
            chunkSignature = String(decoding: line[(digits.count + mark.count)...], as: UTF8.self)
        }
        remaining -= size
        if size > 0 {
            state = .data(size)
        } else {
            try endChunk()
            state = .trailer
        }
    }

    private mutating func endChunk() throws(S3RequestError) {
        guard signatures != nil else { return }
        let hash = HexEncoding.encode(Array(chunkHash.finalize()))
        chunkHash = SHA256()
        guard signatures?.accepts(chunkSignature, chunk: hash) == true else {
            throw S3RequestError(.signatureDoesNotMatch)
        }
    }

    private mutating func readField() throws(S3RequestError) {
        guard let text = String(validating: line, as: UTF8.self), let colon = text.firstIndex(of: ":"),
            fields.count < Self.maximumTrailerLines
        else { throw S3RequestError(.malformedTrailer) }
        let name = text[..<colon].lowercased()
        let value = String(text[text.index(after: colon)...].drop { $0 == " " })
        if name == "x-amz-trailer-signature" {
            trailerSignature = value
        } else {
            guard trailerSignature == nil else { throw S3RequestError(.malformedTrailer) }
            fields.append(.init(name: name, value: value))
        }
    }
}
