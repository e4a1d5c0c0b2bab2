import Glibc
package import Measurements
import Synchronization

/// Keeps a run's uploads in its results folder while the run lasts, each at its place in its round.
///
/// `samples.part` holds uploads of fixed size, so that they are read in order however they ended, and
/// `stages.part` what servers said they did. ``RunPart`` says which round lies where.
package final class SampleSpool: SampleStore {
    /// The bytes of one stage.
    static let stageSize = 24
    /// The most names that servers may give to stages.
    private static let mostNames = 1024
    /// The most stages of one upload.
    private static let mostStages = 255

    /// Where the uploads of one round lie.
    struct Extent: Sendable, Equatable {
        /// The first byte of its first place.
        var offset = 0
        /// How many places it has, empty ones among them.
        var places = 0
        /// How many of them hold an upload.
        var uploads = 0
    }

    private struct State {
        var open = Extent()
        var last: Extent?
        var stages = 0
        var names: [String] = []
        var numbers: [String: UInt32] = [:]
        var readFailure: ReportError?
    }

    private let samples: SpoolFile
    private let stages: SpoolFile
    private let state: Mutex<State>

    /// Makes the files of a run that begins.
    ///
    /// - Parameters:
    ///   - folder: The results folder.
    ///   - files: The file system.
    /// - Throws: ``ReportError/file(path:code:)``.
    package init(in folder: ResultsFolder, files: FileSystem) throws(ReportError) {
        samples = try SpoolFile(
            "\(folder.path)/\(Self.samplesName)",
            folder: folder.path,
            files: files,
            isNew: true
        )
        do throws(ReportError) {
            stages = try SpoolFile(
                "\(folder.path)/\(Self.stagesName)",
                folder: folder.path,
                files: files,
                isNew: true
            )
        } catch {
            samples.remove()
            throw error
        }
        state = Mutex(State())
    }

    /// Opens the files of a run that ended without a report.
    ///
    /// - Parameters:
    ///   - folder: The results folder.
    ///   - names: The names of stages, as the last round that was noted knew them.
    ///   - files: The file system.
    /// - Throws: ``ReportError/file(path:code:)``.
    init(opening folder: String, names: [String], files: FileSystem) throws(ReportError) {
        samples = try SpoolFile("\(folder)/\(Self.samplesName)", folder: folder, files: files, isNew: false)
        stages = try SpoolFile("\(folder)/\(Self.stagesName)", folder: folder, files: files, isNew: false)
        var state = State()
        state.names = names
        self.state = Mutex(state)
    }

    static let samplesName = "samples.part"
    static let stagesName = "stages.part"

    /// What kept uploads from being read back; nil if nothing did.
    package var readFailure: ReportError? { state.withLock { $0.readFailure } }

    /// Where the last round that has ended lies, and the names of stages so far.
    var lastRound: (extent: Extent, names: [String])? {
        state.withLock { state in state.last.map { ($0, state.names) } }
    }

    /// Removes the files; what is open stays readable.
    package func remove() {
        samples.remove()
        stages.remove()
    }

    package func keep(_ uploads: [PlacedSample]) throws(SampleStoreError) {
        do throws(ReportError) {
            try store(uploads)
        } catch {
            if case .file(let path, ENOSPC) = error {
                throw SampleStoreError(message: "\(path): no space left")
            }
            throw SampleStoreError(message: error.message)
        }
    }

    private func store(_ uploads: [PlacedSample]) throws(ReportError) {
        let (base, firstStage) = state.withLock { ($0.open.offset, $0.stages) }
        var stageBytes: [UInt8] = []
        var bytes: [UInt8] = []
        var start = 0
        var end = 0
        var places = 0
        let record = UnsafeMutableRawBufferPointer.allocate(byteCount: SampleLayout.size, alignment: 8)
        defer { record.deallocate() }
        // Neighbours are written in one call.
        for upload in uploads {
            if upload.sequence != end || bytes.count >= 1 << 18 {
                try samples.write(bytes[...], at: base + start * SampleLayout.size)
                bytes.removeAll(keepingCapacity: true)
                start = upload.sequence
            }
            end = upload.sequence + 1
            places = max(places, end)
            let first = firstStage + stageBytes.count / Self.stageSize
            let count = append(upload.sample.stages, to: &stageBytes)
            SampleLayout.encode(upload.sample, stages: .init(start: first, count: count), to: record)
            bytes.append(contentsOf: record)
        }
        try samples.write(bytes[...], at: base + start * SampleLayout.size)
        try stages.write(stageBytes[...], at: firstStage * Self.stageSize)
        state.withLock { state in
            state.open.places = max(state.open.places, places)
            state.open.uploads += uploads.count
            state.stages += stageBytes.count / Self.stageSize
        }
    }

    /// Appends stages; how many there was room for.
    private func append(_ stages: [StageTiming], to bytes: inout [UInt8]) -> Int {
        var count = 0
        for stage in stages.prefix(Self.mostStages) {
            guard let number = number(of: stage.name) else { continue }
            withUnsafeBytes(of: (stage.start, stage.duration, number, UInt32(0))) {
                bytes.append(contentsOf: $0)
            }
            count += 1
        }
        return count
    }

    private func number(of name: String) -> UInt32? {
        state.withLock { state in
            if let number = state.numbers[name] { return number }
            guard state.names.count < Self.mostNames else { return nil }
            let number = UInt32(state.names.count)
            state.names.append(name)
            state.numbers[name] = number
            return number
        }
    }

    package func endRound() -> SampleSequence {
        let extent = state.withLock { state in
            let extent = state.open
            state.last = extent
            state.open = Extent(offset: extent.offset + extent.places * SampleLayout.size)
            return extent
        }
        return sequence(extent)
    }

    /// The uploads of a round.
    func sequence(_ extent: Extent) -> SampleSequence {
        SampleSequence(count: extent.uploads) { [self] position in piece(of: extent, from: &position) }
    }

    /// Whether every upload of a round can be read.
    func holds(_ extent: Extent) -> Bool {
        sequence(extent).reduce(0) { count, _ in count + 1 } == extent.uploads
    }

    /// Some uploads of a round from a place on; empty places are passed over.
    private func piece(of extent: Extent, from position: inout Int) -> [Sample] {
        let most = 512
        var uploads: [Sample] = []
        var window = StageWindow()
        do throws(ReportError) {
            while uploads.isEmpty, position < extent.places {
                let count = min(most, extent.places - position)
                let bytes = try samples.read(
                    count * SampleLayout.size,
                    at: extent.offset + position * SampleLayout.size
                )
                position += count
                for place in 0..<count {
                    let start = place * SampleLayout.size
                    guard
                        let (read, range) = bytes.withUnsafeBytes({ bytes in
                            SampleLayout.decode(UnsafeRawBufferPointer(rebasing: bytes[start...]))
                        })
                    else { continue }
                    var sample = read
                    sample.stages = try stages(in: range, &window)
                    uploads.append(sample)
                }
            }
        } catch {
            state.withLock { $0.readFailure = $0.readFailure ?? error }
            return []
        }
        return uploads
    }

    /// Stages that were read at once: those of neighbours lie side by side.
    private struct StageWindow {
        var first = 0
        var bytes: [UInt8] = []
        static let stages = 2048
    }

    private func stages(
        in range: SampleLayout.StageRange,
        _ window: inout StageWindow
    ) throws(ReportError) -> [StageTiming] {
        guard range.count > 0 else { return [] }
        let end = window.first + window.bytes.count / Self.stageSize
        if range.start < window.first || range.start + range.count > end {
            window.first = range.start
            window.bytes = try stages.read(
                StageWindow.stages * Self.stageSize,
                at: range.start * Self.stageSize,
                least: range.count * Self.stageSize
            )
        }
        let first = (range.start - window.first) * Self.stageSize
        let names = state.withLock { $0.names }
        return window.bytes.withUnsafeBytes { bytes in
            (0..<range.count).compactMap { place in
                let start = first + place * Self.stageSize
                let number = Int(bytes.loadUnaligned(fromByteOffset: start + 16, as: UInt32.self))
                let begin = bytes.loadUnaligned(fromByteOffset: start, as: Int64.self)
                let duration = bytes.loadUnaligned(fromByteOffset: start + 8, as: Int64.self)
                // A spool that a crash left may hold anything.
                guard names.indices.contains(number), SampleLayout.times.contains(begin),
                    SampleLayout.times.contains(duration)
                else { return nil }
                return StageTiming(name: names[number], start: begin, duration: duration)
            }
        }
    }
}

/// One file of a spool, read and written at given places.
final class SpoolFile: Sendable {
    private let path: String
    /// What errors name: the reader knows the folder, not the spool.
    private let folder: String
    private let files: FileSystem
    private let descriptor: Int32

    /// Opens the file; a new one must not exist yet, and is locked for as long as it is open.
    init(_ path: String, folder: String, files: FileSystem, isNew: Bool) throws(ReportError) {
        self.path = path
        self.folder = folder
        self.files = files
        descriptor = try files.run(.create, at: folder) {
            open(path, (isNew ? O_RDWR | O_CREAT | O_EXCL : O_RDONLY) | O_CLOEXEC, 0o666)
        }
        // Some file systems have no locks: a run is none the worse for that.
        if isNew { _ = flock(descriptor, LOCK_EX | LOCK_NB) }
    }

    /// Whether a process that made the file still has it open.
    ///
    /// The corresponding C function is `flock`.
    ///
    /// - Parameter path: The file; one that isn't there is not held.
    /// - Returns: False also where the file system has no locks.
    static func isHeld(_ path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    deinit { close(descriptor) }

    /// Removes the file's name.
    func remove() {
        unlink(path)
    }

    /// Writes bytes at a place.
    func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(ReportError) {
        try files.write(bytes, to: descriptor, at: offset, path: folder)
    }

    /// Reads bytes from a place on: as many as wanted, or at the file's end no fewer than the least.
    ///
    /// The corresponding C function is `pread`.
    func read(_ wanted: Int, at offset: Int, least: Int? = nil) throws(ReportError) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            while count < wanted {
                let result = pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: count),
                    wanted - count,
                    off_t(offset + count)
                )
                if result < 0, errno == EINTR { continue }
                if result < 0 { code = errno }
                guard result > 0 else { return }
                count += result
            }
        }
        guard code == 0 else { throw .file(path: path, code: code) }
        guard bytes.count >= least ?? wanted else { throw .file(path: path, code: EIO) }
        return bytes
    }
}
