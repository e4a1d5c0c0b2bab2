import MultipartForm

/// One part of a form with all its data.
struct ReadPart: Equatable {
    var name: String
    var filename: String?
    var contentType: String?
    var data: [UInt8]

    init(_ name: String, filename: String? = nil, contentType: String? = nil, _ data: String = "") {
        self.name = name
        self.filename = filename
        self.contentType = contentType
        self.data = Array(data.utf8)
    }
}

/// Reads a form from pieces, checking that events come in order.
func readForm(
    boundary: String = "sep",
    _ pieces: [ArraySlice<UInt8>]
) -> Result<[ReadPart], MultipartError> {
    Result { () throws(MultipartError) in
        var parts: [ReadPart] = []
        var isOpen = false
        var isFinished = false
        var reader = MultipartReader(boundary: try MultipartBoundary(boundary))
        for piece in pieces {
            try feed(&reader, piece) { event in
                precondition(!isFinished, "an event after the last one")
                switch event {
                case .begin(let part):
                    precondition(!isOpen, "a part inside a part")
                    isOpen = true
                    var read = ReadPart(part.disposition.name)
                    read.filename = part.disposition.filename
                    read.contentType = part.contentType
                    parts.append(read)
                case .data(let bytes):
                    precondition(isOpen && !bytes.isEmpty, "data outside a part, or none")
                    parts[parts.count - 1].data += bytes
                case .end:
                    precondition(isOpen, "an end without a begin")
                    isOpen = false
                case .finished:
                    precondition(!isOpen, "finished inside a part")
                    isFinished = true
                }
            }
        }
        try reader.finish()
        precondition(isFinished, "finished without saying so")
        return parts
    }
}

func feed(
    _ reader: inout MultipartReader,
    _ piece: ArraySlice<UInt8>,
    _ sink: (MultipartEvent) -> Void
) throws(MultipartError) {
    // In memory of its own, so that reading past its end would be noticed by a sanitizer.
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
    defer { copy.deallocate() }
    copy.copyBytes(from: piece)
    try reader.feed(UnsafeRawBufferPointer(copy), sink)
}

/// All ways to cut bytes in two, then the bytes one by one.
func cuts(_ bytes: [UInt8]) -> [[ArraySlice<UInt8>]] {
    let pairs = (0...bytes.count).map { [bytes[..<$0], bytes[$0...]] }
    return pairs + [bytes.indices.map { bytes[$0...$0] }]
}
