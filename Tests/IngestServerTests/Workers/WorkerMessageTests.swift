import MuPDF
import Testing

@testable import IngestServer

/// What the server believes of a worker.
struct WorkerMessageTests {
    private let limits = PDFLimits()

    private var document: PDFExtraction {
        let segment = PDFSegment(from: 5, to: 9)
        let image = PDFImage(page: 1, index: 0, format: .jpx, width: 2, height: 3, bytes: [1, 2, 3])
        let again = PDFImage(page: 2, index: 1, format: .jpx, width: 2, height: 3, bytes: image.bytes)
        let other = PDFImage(page: 2, index: 2, format: .png, width: 7, height: 1, bytes: [9])
        return PDFExtraction(
            text: "Grüße\u{0}",
            images: [image, again, other],
            pageCount: 2,
            timings: PDFTimings(open: segment, text: segment, images: segment),
            warningCount: 30,
            warnings: ["one", "two"],
            peakMemoryBytes: 12,
            allocationCount: 34
        )
    }

    @Test func `a description reads as it was written, and shared bytes go once`() throws {
        let answer = WorkerAnswer(document, residentBytes: 77)
        #expect(try WorkerAnswer(payload: answer.payload, within: limits) == answer)
        #expect(answer.images.map(\.sameAs) == [nil, 0, nil])
        #expect(answer.images.map(\.length) == [3, 0, 1])
    }

    @Test func `a description that is cut or has more is refused`() throws {
        let payload = WorkerAnswer(document, residentBytes: 77).payload
        for length in 0..<payload.count {
            let cut = Array(payload.prefix(length))
            #expect(throws: WorkerMessage.Malformed.self) { try WorkerAnswer(payload: cut, within: limits) }
        }
        #expect(throws: WorkerMessage.Malformed.self) {
            try WorkerAnswer(payload: payload + [0], within: limits)
        }
    }

    @Test func `a description past a limit is refused`() {
        let payload = WorkerAnswer(document, residentBytes: 77).payload
        for limit in [\PDFLimits.maximumPages, \.maximumImages, \.maximumOutputBytes] {
            var limits = limits
            limits[keyPath: limit] = 1
            #expect(throws: WorkerMessage.Malformed.self) {
                try WorkerAnswer(payload: payload, within: limits)
            }
        }
    }

    @Test func `no bytes make a description, a failure or a head trap`() {
        var generator = SystemRandomNumberGenerator()
        let payload = WorkerAnswer(document, residentBytes: 77).payload
        for _ in 0..<2000 {
            var bytes = payload
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(
                    in: 0...255,
                    using: &generator
                )
            }
            if let answer = try? WorkerAnswer(payload: bytes, within: limits) {
                // Whatever it says, it asks for no more than the document may have.
                let asked = answer.images.map(\.length).reduce(answer.textLength, +)
                #expect(asked <= limits.maximumOutputBytes)
            }
            let noise = (0..<Int.random(in: 0...64, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            _ = try? WorkerFailure.error(payload: noise, limits: limits)
            _ = try? WorkerMessage(head: noise)
        }
    }

    @Test(
        arguments: [
            .notAPDF(reason: "no objects found"), .encrypted, .damaged(.pageTree, reason: ""),
            .damaged(.page(3), reason: "x"), .damaged(.image(page: 2, index: 1), reason: "y"),
            .overLimit(.pages, found: 10_001, limit: 10_000),
            .overLimit(.images, found: 10_002, limit: 10_000),
            .overLimit(.pixelsPerImage, found: .max, limit: 100_000_000),
            .overLimit(.outputBytes, found: 1 << 30, limit: 256 << 20),
            .tooComplex(memoryLimit: 512 << 20), .tooSlow(timeLimit: .seconds(30)), .cancelled,
        ] as [PDFError]
    )
    func `a failure reads as it was written`(error: PDFError) throws {
        let payload = WorkerFailure.payload(error)
        #expect(payload.count <= WorkerFailure.largestPayload)
        #expect(try WorkerFailure.error(payload: payload, limits: limits) == error)
    }

    @Test func `a worker reads the limits that the server wrote`() throws {
        var extractor = PDFExtractor(png: .fast)
        extractor.limits.timeLimit = .milliseconds(1500)
        extractor.limits.maximumPages = 7
        let read = try PDFExtractor(workerPayload: extractor.workerPayload)
        #expect(read.limits == extractor.limits)
        #expect(read.png == .fast)
        extractor.limits.timeLimit = nil
        #expect(try PDFExtractor(workerPayload: extractor.workerPayload).limits.timeLimit == nil)
    }
}
