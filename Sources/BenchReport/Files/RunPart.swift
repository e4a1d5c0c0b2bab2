import Glibc
package import Measurements
import Synchronization
import Zlib

/// `run.part`: what a run is, and each round that is over, written while the run lasts.
///
/// A text sequence (RFC 7464): the document without rounds, then a text a round with the place of its uploads
/// in the spool. What a crash leaves of it is enough for a report.
package final class RunPart: Sendable {
    static let name = "run.part"
    /// What each text begins with.
    private static let separator: UInt8 = 0x1E

    private let file: SpoolFile
    private let spool: SampleSpool
    private let document: RunDocument
    private let size = Mutex(0)

    /// Begins the file.
    ///
    /// - Parameters:
    ///   - document: The run, without rounds.
    ///   - folder: The results folder.
    ///   - spool: Where the uploads are kept.
    ///   - files: The file system.
    /// - Throws: ``ReportError/file(path:code:)``.
    package init(
        of document: RunDocument,
        in folder: ResultsFolder,
        spool: SampleSpool,
        files: FileSystem
    ) throws(ReportError) {
        self.document = document
        self.spool = spool
        let path = "\(folder.path)/\(Self.name)"
        file = try SpoolFile(path, folder: folder.path, files: files, isNew: true)
        do throws(ReportError) {
            try append(document.json())
        } catch {
            file.remove()
            throw error
        }
    }

    /// Notes the round that has ended last.
    ///
    /// - Parameter record: The round.
    /// - Throws: ``ReportError``; the run can go on without the note.
    package func note(_ record: RoundRecord) throws(ReportError) {
        guard let place = spool.lastRound else { return }
        var round = RunDocument.Round(record)
        round.record.samples = []
        // Where loops were blocked is told with the run's places, which are not known before its end.
        if let loops = record.loops {
            round.record.loops?.blocks = []
            round.record.loops?.truncated = loops.count
        }
        let writer = RunDocumentWriter(document, isPacked: true, outcomes: Outcome.allCases)
        var json = JSONWriter()
        do {
            try json.object { json throws(ZlibError) in
                json.field("offset", place.extent.offset)
                json.field("places", place.extent.places)
                json.field("uploads", place.extent.uploads)
                json.key("names")
                json.array(place.names) { json, name in json.value(name) }
                json.key("round")
                try writer.write(round, &json)
            }
        } catch {
            throw .packing(error)
        }
        try append(json.bytes + [UInt8(ascii: "\n")])
    }

    /// Removes the file.
    package func remove() {
        file.remove()
    }

    private func append(_ text: [UInt8]) throws(ReportError) {
        let start = size.withLock { $0 }
        let bytes = [Self.separator] + text
        try file.write(bytes[...], at: start)
        size.withLock { $0 = start + bytes.count }
    }

    /// The texts of a file, found one by one; the last may be cut off.
    static func texts(in bytes: [UInt8]) -> some Sequence<ArraySlice<UInt8>> {
        sequence(state: bytes[...]) { rest in
            rest = rest.drop { $0 == separator }
            guard !rest.isEmpty else { return nil }
            let text = rest.prefix { $0 != separator }
            rest = rest.dropFirst(text.count)
            return text
        }
    }
}
