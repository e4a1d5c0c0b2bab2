/// What ``MultipartReader`` found.
package enum MultipartEvent {
    /// A part begins.
    case begin(MultipartPart)
    /// The part goes on with these bytes, which are valid until the sink returns.
    case data(UnsafeRawBufferPointer)
    /// The part is whole.
    case end
    /// The form is whole; whatever follows is ignored.
    case finished
}

/// Reads a multipart form as its bytes arrive.
///
/// Data is given as slices of the bytes fed, not copied. Held back are a delimiter that may go on, 74 bytes
/// and 256 of spaces behind it at most, and a header line. How the bytes were cut never changes the result.
package struct MultipartReader: ~Copyable {
    private enum Phase {
        /// Before the first delimiter; nothing of it counts.
        case preamble
        case headers
        case data
        case epilogue
    }

    private var phase = Phase.preamble
    private var headers = PartHeaders()
    private var parts = 0
    private var delimiter: Delimiter

    /// Makes a reader at the begin of a body.
    ///
    /// - Parameter boundary: What separates the parts.
    package init(boundary: MultipartBoundary) {
        delimiter = Delimiter(boundary)
        // The first delimiter may stand at byte 0, without its CR LF.
        delimiter.borrowLineEnd()
    }

    /// How many bytes of those fed are held back: no more than ``MultipartLimits/heldBytes``, whatever comes.
    package var heldBytes: Int {
        switch phase {
        case .preamble, .data: delimiter.heldBytes
        case .headers: headers.heldBytes
        case .epilogue: 0
        }
    }

    /// Reads the next bytes of the body.
    ///
    /// - Parameters:
    ///   - bytes: Any number of bytes.
    ///   - sink: Gets what was found, in order.
    /// - Throws: ``MultipartError`` for the first rule broken; nothing may be fed after that.
    package mutating func feed(
        _ bytes: UnsafeRawBufferPointer,
        _ sink: (MultipartEvent) -> Void
    ) throws(MultipartError) {
        var position = 0
        while position < bytes.count {
            switch phase {
            case .epilogue: return
            case .headers:
                guard let part = try headers.take(bytes, &position) else { return }
                sink(.begin(part))
                phase = .data
                // The blank line's CR LF may be the delimiter's: then the part is empty.
                delimiter.borrowLineEnd()
            case .preamble, .data:
                if delimiter.isBegun {
                    try goOn(bytes, &position, sink)
                } else {
                    search(bytes, &position, sink)
                }
            }
        }
    }

    /// Says that the body is over.
    ///
    /// - Throws: ``MultipartError/malformed(_:)`` if the closing delimiter never came.
    package func finish() throws(MultipartError) {
        if phase != .epilogue { throw .malformed(.endsEarly) }
    }

    /// Gives data up to the next delimiter, or to what may be the begin of one.
    private mutating func search(
        _ bytes: UnsafeRawBufferPointer,
        _ position: inout Int,
        _ sink: (MultipartEvent) -> Void
    ) {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
        let found = delimiter.search(in: rest)
        if phase == .data, found.start > 0 {
            sink(.data(UnsafeRawBufferPointer(rebasing: rest[..<found.start])))
        }
        position += found.end
    }

    /// Takes bytes into the delimiter begun, or gives back as data what turned out to be none.
    private mutating func goOn(
        _ bytes: UnsafeRawBufferPointer,
        _ position: inout Int,
        _ sink: (MultipartEvent) -> Void
    ) throws(MultipartError) {
        switch delimiter.take(bytes, &position) {
        case .unsure: break
        case .rejected:
            let isData = phase == .data
            delimiter.withRejected { held in
                if isData, !held.isEmpty { sink(.data(held)) }
            }
        case .opensPart:
            endPart(sink)
            if parts == MultipartLimits.parts { throw .tooManyParts(limit: MultipartLimits.parts) }
            parts += 1
            headers = PartHeaders()
            phase = .headers
        case .closesForm:
            endPart(sink)
            sink(.finished)
            phase = .epilogue
        }
    }

    private func endPart(_ sink: (MultipartEvent) -> Void) {
        if phase == .data { sink(.end) }
    }
}
