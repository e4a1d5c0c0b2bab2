import MuPDF

/// What a worker found in a document, but for the text and the images' bytes, which follow.
struct WorkerAnswer: Equatable {
    /// An image of the list.
    struct Image: Equatable {
        let page: Int
        let index: Int
        let format: PDFImageFormat
        let width: Int
        let height: Int
        /// The place in the list of an earlier image with the same bytes, which don't follow again.
        let sameAs: Int?
        /// How many bytes follow; 0 if an earlier image has them.
        let length: Int
    }

    /// The worker's memory after the document, in bytes.
    let residentBytes: Int
    let pageCount: Int
    let timings: PDFTimings
    let warningCount: Int
    let warnings: [String]
    let peakMemoryBytes: Int
    let allocationCount: Int
    let textLength: Int
    let images: [Image]

    /// Takes a document's description.
    ///
    /// - Parameters:
    ///   - document: What was read.
    ///   - residentBytes: The worker's memory.
    init(_ document: PDFExtraction, residentBytes: Int) {
        self.residentBytes = residentBytes
        pageCount = document.pageCount
        timings = document.timings
        warningCount = document.warningCount
        warnings = document.warnings
        peakMemoryBytes = document.peakMemoryBytes
        allocationCount = document.allocationCount
        textLength = document.text.utf8.count
        // An image that is listed twice shares its bytes: the same address is the same image.
        var places: [UnsafePointer<UInt8>: Int] = [:]
        images = document.images.enumerated().map { place, image in
            let first = image.bytes.withUnsafeBufferPointer { bytes -> Int? in
                guard let address = bytes.baseAddress, !bytes.isEmpty else { return nil }
                if let first = places[address] { return first }
                places[address] = place
                return nil
            }
            return Image(
                page: image.page,
                index: image.index,
                format: image.format,
                width: image.width,
                height: image.height,
                sameAs: first,
                length: first == nil ? image.bytes.count : 0
            )
        }
    }

    /// The description as bytes.
    var payload: [UInt8] {
        var bytes = WireWriter()
        bytes.put(UInt64(residentBytes))
        bytes.put(UInt64(pageCount))
        for segment in [timings.open, timings.text, timings.images] {
            bytes.put(segment.startNanoseconds)
            bytes.put(segment.durationNanoseconds)
        }
        bytes.put(UInt64(warningCount))
        bytes.put(UInt8(warnings.count))
        for warning in warnings { bytes.put(warning) }
        bytes.put(UInt64(peakMemoryBytes))
        bytes.put(UInt64(allocationCount))
        bytes.put(UInt64(textLength))
        bytes.put(UInt64(images.count))
        for image in images {
            bytes.put(UInt64(image.page))
            bytes.put(UInt64(image.index))
            bytes.put(UInt8(image.format.number))
            bytes.put(UInt32(clamping: image.width))
            bytes.put(UInt32(clamping: image.height))
            bytes.put(UInt64(image.sameAs.map { $0 + 1 } ?? 0))
            bytes.put(UInt64(image.length))
        }
        return bytes.bytes
    }

    /// The most bytes a description can have.
    ///
    /// - Parameter limits: What the document may have.
    /// - Returns: Their number.
    static func largestPayload(_ limits: PDFLimits) -> Int {
        8192 + min(limits.maximumImages, 1 << 24) * 41
    }

    /// Reads a description, and believes it only as far as the limits go.
    ///
    /// - Parameters:
    ///   - payload: What ``payload`` gives.
    ///   - limits: What the document may have.
    /// - Throws: `WorkerMessage.Malformed`.
    init(payload: [UInt8], within limits: PDFLimits) throws(WorkerMessage.Malformed) {
        var bytes = WireReader(payload)
        residentBytes = try bytes.count()
        pageCount = try bytes.count(atMost: limits.maximumPages)
        timings = PDFTimings(
            open: try bytes.segment(),
            text: try bytes.segment(),
            images: try bytes.segment()
        )
        warningCount = try bytes.count()
        let kept: UInt8 = try bytes.number()
        guard kept <= 20, kept <= warningCount else { throw WorkerMessage.Malformed() }
        var warnings: [String] = []
        for _ in 0..<kept { warnings.append(try bytes.words(atMost: 200)) }
        self.warnings = warnings
        peakMemoryBytes = try bytes.count()
        allocationCount = try bytes.count()
        var left = limits.maximumOutputBytes
        textLength = try bytes.count(atMost: left)
        left -= textLength
        var images: [Image] = []
        for _ in 0..<(try bytes.count(atMost: limits.maximumImages)) {
            let image = try bytes.image(atMost: left, pages: pageCount, earlier: images)
            left -= image.length
            images.append(image)
        }
        self.images = images
        try bytes.end()
    }

    /// Joins the description with what followed it.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - contents: The bytes of each image of the list.
    /// - Returns: The document.
    func document(text: String, contents: [[UInt8]]) -> PDFExtraction {
        PDFExtraction(
            text: text,
            images: zip(images, contents).map { image, bytes in
                PDFImage(
                    page: image.page,
                    index: image.index,
                    format: image.format,
                    width: image.width,
                    height: image.height,
                    bytes: bytes
                )
            },
            pageCount: pageCount,
            timings: timings,
            warningCount: warningCount,
            warnings: warnings,
            peakMemoryBytes: peakMemoryBytes,
            allocationCount: allocationCount
        )
    }
}

extension WireReader {
    fileprivate mutating func segment() throws(WorkerMessage.Malformed) -> PDFSegment {
        let start = try count(atMost: .max / 4)
        let duration = try count(atMost: .max / 4)
        return PDFSegment(from: UInt64(start), to: UInt64(start + duration))
    }

    fileprivate mutating func image(
        atMost limit: Int,
        pages: Int,
        earlier: [WorkerAnswer.Image]
    ) throws(WorkerMessage.Malformed) -> WorkerAnswer.Image {
        let page = try count(atMost: pages)
        let index = try count()
        let format = PDFImageFormat(number: try number())
        let width: UInt32 = try number()
        let height: UInt32 = try number()
        let sameAs = try count(atMost: earlier.count)
        let length = try count(atMost: limit)
        guard page > 0, let format, sameAs == 0 || (length == 0 && earlier[sameAs - 1].sameAs == nil)
        else { throw WorkerMessage.Malformed() }
        return WorkerAnswer.Image(
            page: page,
            index: index,
            format: format,
            width: Int(width),
            height: Int(height),
            sameAs: sameAs == 0 ? nil : sameAs - 1,
            length: length
        )
    }
}

extension PDFImageFormat {
    fileprivate var number: UInt8 {
        switch self {
        case .png: 0
        case .jpeg: 1
        case .jpx: 2
        }
    }

    fileprivate init?(number: UInt8) {
        guard let format = Self.allCases.first(where: { $0.number == number }) else { return nil }
        self = format
    }
}
