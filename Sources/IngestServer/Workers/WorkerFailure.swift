import MuPDF

/// Why a worker gives nothing of a document, as bytes.
enum WorkerFailure {
    /// The most bytes a failure can have.
    static let largestPayload = 1024
    /// The most bytes of MuPDF's words.
    private static let largestReason = 400

    /// Writes a failure.
    ///
    /// - Parameter error: What the extractor threw.
    /// - Returns: What ``error(payload:limits:)`` reads.
    static func payload(_ error: PDFError) -> [UInt8] {
        var bytes = WireWriter()
        let (code, place, page, index, found, reason) = fields(of: error)
        bytes.put(code)
        bytes.put(place)
        bytes.put(UInt64(page))
        bytes.put(UInt64(index))
        bytes.put(UInt64(found))
        bytes.put(String(decoding: reason.utf8.prefix(largestReason), as: UTF8.self))
        return bytes.bytes
    }

    /// Reads a failure.
    ///
    /// - Parameters:
    ///   - payload: What ``payload(_:)`` writes.
    ///   - limits: What the document was allowed.
    /// - Returns: What the extractor threw.
    /// - Throws: `WorkerMessage.Malformed`.
    static func error(payload: [UInt8], limits: PDFLimits) throws(WorkerMessage.Malformed) -> PDFError {
        var bytes = WireReader(payload)
        let code: UInt8 = try bytes.number()
        let place: UInt8 = try bytes.number()
        let page = try bytes.count()
        let index = try bytes.count()
        let found = try bytes.count(atMost: .max)
        let reason = try bytes.words(atMost: largestReason)
        try bytes.end()
        switch (code, place) {
        case (0, 0): return .notAPDF(reason: reason)
        case (1, 0): return .encrypted
        case (2, 0): return .damaged(.pageTree, reason: reason)
        case (2, 1): return .damaged(.page(page), reason: reason)
        case (2, 2): return .damaged(.image(page: page, index: index), reason: reason)
        case (3, 0): return .overLimit(.pages, found: found, limit: limits.maximumPages)
        case (3, 1): return .overLimit(.images, found: found, limit: limits.maximumImages)
        case (3, 2):
            return .overLimit(.pixelsPerImage, found: found, limit: limits.maximumPixelsPerImage)
        case (3, 3): return .overLimit(.outputBytes, found: found, limit: limits.maximumOutputBytes)
        case (4, 0): return .tooComplex(memoryLimit: limits.maximumMemoryBytes)
        case (5, 0): return .tooSlow(timeLimit: limits.timeLimit ?? .zero)
        case (6, 0): return .cancelled
        default: throw WorkerMessage.Malformed()
        }
    }

    private typealias Fields = (code: UInt8, place: UInt8, page: Int, index: Int, found: Int, reason: String)

    private static func fields(of error: PDFError) -> Fields {
        switch error {
        case .notAPDF(let reason): (0, 0, 0, 0, 0, reason)
        case .encrypted: (1, 0, 0, 0, 0, "")
        case .damaged(.pageTree, let reason): (2, 0, 0, 0, 0, reason)
        case .damaged(.page(let page), let reason): (2, 1, page, 0, 0, reason)
        case .damaged(.image(let page, let index), let reason): (2, 2, page, index, 0, reason)
        case .overLimit(.pages, let found, _): (3, 0, 0, 0, found, "")
        case .overLimit(.images, let found, _): (3, 1, 0, 0, found, "")
        case .overLimit(.pixelsPerImage, let found, _): (3, 2, 0, 0, found, "")
        case .overLimit(.outputBytes, let found, _): (3, 3, 0, 0, found, "")
        case .tooComplex: (4, 0, 0, 0, 0, "")
        case .tooSlow: (5, 0, 0, 0, 0, "")
        case .cancelled: (6, 0, 0, 0, 0, "")
        // Found before the first document, by the program that spawns.
        case .incompatibleLibrary(_, let library): (0, 0, 0, 0, 0, "MuPDF \(library)")
        }
    }
}
