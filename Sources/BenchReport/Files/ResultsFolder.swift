import Glibc
package import Measurements

/// The folder that one run's results are written to; nothing in it is ever overwritten by another run.
package struct ResultsFolder: Sendable {
    /// Where it is.
    package let path: String
    private let files: FileSystem
    /// Whether it did not exist before.
    private let isNew: Bool

    /// The run's name: that of the folder.
    package var name: String { FileSystem.name(of: path) }

    /// Opens a folder that exists.
    ///
    /// - Parameters:
    ///   - path: Where it is.
    ///   - files: The file system.
    package init(at path: String, files: FileSystem) {
        self.init(path, files: files, isNew: false)
    }

    private init(_ path: String, files: FileSystem, isNew: Bool) {
        self.path = Self.normalised(path)
        self.files = files
        self.isNew = isNew
    }

    /// The name that a run's folder has by default: "20261122T154000Z-sample-100".
    ///
    /// - Parameters:
    ///   - started: When the run began.
    ///   - input: The first file or folder that is uploaded.
    ///   - load: The size of a round: how many uploads, or how long.
    /// - Returns: A name of letters, digits, dots, hyphens and underscores.
    package static func defaultName(started: Timestamp, input: String, load: String) -> String {
        let file = FileSystem.name(of: normalised(input))
        let stem = file.lastIndex(of: ".").map { $0 == file.startIndex ? file : String(file[..<$0]) } ?? file
        let plain = stem.unicodeScalars.prefix(60).map { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_")
                ? Character(scalar) : "-"
        }
        return "\(started.stamp)-\(String(plain).isEmpty ? "run" : String(plain))-\(load)"
    }

    /// Makes a new folder; a name that is taken gets "-2", "-3" and so on.
    ///
    /// - Parameters:
    ///   - name: The wanted name.
    ///   - parent: Where results are kept; made where it is missing.
    ///   - files: The file system.
    /// - Returns: The folder.
    /// - Throws: ``ReportError/file(path:code:)``.
    package static func make(
        named name: String,
        in parent: String,
        files: FileSystem
    ) throws(ReportError) -> ResultsFolder {
        try files.makeFolders(parent)
        var attempt = 1
        while true {
            let path = "\(normalised(parent))/\(name)\(attempt == 1 ? "" : "-\(attempt)")"
            do {
                try files.makeFolder(path)
                return ResultsFolder(path, files: files, isNew: true)
            } catch .file(_, EEXIST) {
                attempt += 1
            }
        }
    }

    /// Makes the folder that was asked for, or takes it when it is empty.
    ///
    /// - Parameters:
    ///   - path: Where it shall be.
    ///   - files: The file system.
    /// - Returns: The folder.
    /// - Throws: ``ReportError/outputTaken(path:)`` for a folder that holds anything, or
    ///   ``ReportError/file(path:code:)``.
    package static func make(at path: String, files: FileSystem) throws(ReportError) -> ResultsFolder {
        let folder = normalised(path)
        let isNew = !files.isFolder(folder)
        if isNew {
            try files.makeFolders(folder)
        } else {
            guard try files.isEmpty(folder) else { throw .outputTaken(path: path) }
        }
        return ResultsFolder(folder, files: files, isNew: isNew)
    }

    /// Checks before measuring that the results will have room.
    ///
    /// - Parameter uploads: How many uploads the whole run has, warm-ups included.
    /// - Throws: ``ReportError/file(path:code:)`` or ``ReportError/space(path:needed:free:)``.
    package func checkRoom(forUploads uploads: Int) throws(ReportError) {
        try files.checkWritable(path)
        let needed = Self.baseBytes + uploads * Self.bytesPerUpload
        let free = try files.freeBytes(in: path)
        guard free >= needed else { throw .space(path: path, needed: needed, free: free) }
    }

    /// Charts and text, generously.
    private static let baseBytes = 4 << 20
    /// An upload in run.json as arrays, in requests.csv.gz, and while the run lasts in its spool, generously.
    private static let bytesPerUpload = 400 + SampleLayout.size + 8 * SampleSpool.stageSize

    /// Removes the folder if it was made for this run and nothing was written to it.
    package func removeIfEmpty() {
        guard isNew else { return }
        files.removeEmptyFolder(path)
    }

    /// Points `latest` beside the folder at it; something else of that name is left alone.
    ///
    /// - Throws: ``ReportError/file(path:code:)``.
    package func becomeLatest() throws(ReportError) {
        try files.link("\(FileSystem.parent(of: path))/latest", to: name)
    }

    /// Writes the document, which must not be there yet; if it can't be written, say with a full disk, beside
    /// the system's temporary files instead.
    ///
    /// - Parameters:
    ///   - rescue: The folder for temporary files, such as "/tmp".
    ///   - content: Writes the document.
    /// - Throws: ``ReportError/savedElsewhere(path:code:rescue:)`` when it was written, but not here; else
    ///   ``ReportError/savedNowhere(path:code:)``, or ``ReportError/file(path:code:)`` where one stands already.
    func writeDocument(
        rescue: String,
        _ content: (FileOutput) throws(ReportError) -> Void
    ) throws(ReportError) {
        let place = "\(path)/run.json"
        do {
            try files.write(to: place, mayReplace: false, content)
        } catch .file(_, let code) where code != EEXIST {
            guard let saved = save(in: rescue, content) else { throw .savedNowhere(path: place, code: code) }
            throw .savedElsewhere(path: place, code: code, rescue: saved)
        }
    }

    /// Writes the document to a folder of its own; its place, or nil if that can't be either.
    private func save(
        in rescue: String,
        _ content: (FileOutput) throws(ReportError) -> Void
    ) -> String? {
        // Why it can't be matters less than why it couldn't in the first place.
        guard let shelter = try? Self.make(named: name, in: rescue, files: files) else { return nil }
        let saved = "\(shelter.path)/run.json"
        do {
            try files.write(to: saved, mayReplace: false, content)
            return saved
        } catch {
            shelter.removeIfEmpty()
            return nil
        }
    }

    /// Writes an export; one that holds the same bytes already is left untouched.
    ///
    /// - Parameters:
    ///   - name: The path in the folder, such as "charts/summary.svg".
    ///   - content: Writes the content.
    /// - Throws: ``ReportError/export(path:reason:folder:)``.
    func writeExport(
        _ name: String,
        _ content: (FileOutput) throws(ReportError) -> Void
    ) throws(ReportError) {
        let place = "\(path)/\(name)"
        do {
            try files.makeFolders(FileSystem.parent(of: place))
            try files.write(to: place, mayReplace: true, content)
        } catch {
            let reason =
                switch error {
                case .file(_, let code): ReportError.reason(code)
                default: error.message
                }
            throw .export(path: place, reason: reason, folder: path)
        }
    }

    /// Reads the run that a folder or a file holds; one that crashed gets its document first.
    ///
    /// - Parameters:
    ///   - path: A results folder, or a run.json.
    ///   - files: The file system.
    /// - Returns: The run, the bytes it was read from, and the folder.
    /// - Throws: ``ReportError/noRun(path:)``, ``ReportError/stillMeasured(path:)``,
    ///   ``ReportError/document(path:fault:)`` or ``ReportError/file(path:code:)``.
    package static func readRun(
        at path: String,
        files: FileSystem
    ) throws(ReportError) -> (document: RunDocument, json: [UInt8], folder: ResultsFolder) {
        let isFolder = files.isFolder(path)
        let file = isFolder ? "\(normalised(path))/run.json" : path
        if isFolder, !files.exists(file),
            let left = try RunRecovery.document(in: normalised(path), files: files)
        {
            try files.write(to: file, mayReplace: false) { output throws(ReportError) in
                try left.write(to: output)
            }
            let run = try read(file, named: path, files)
            // Not before the document has proved to be readable.
            RunRecovery.removeParts(of: normalised(path))
            return run
        }
        return try read(file, named: path, files)
    }

    private static func read(
        _ file: String,
        named path: String,
        _ files: FileSystem
    ) throws(ReportError) -> (document: RunDocument, json: [UInt8], folder: ResultsFolder) {
        guard let json = try files.read(file, limit: RunDocument.largestBytes) else {
            throw .noRun(path: path)
        }
        do throws(DocumentFault) {
            let document = try RunDocument(json: json)
            return (document, json, ResultsFolder(at: FileSystem.parent(of: file), files: files))
        } catch {
            throw .document(path: file, fault: error)
        }
    }

    /// A path without the slashes that end it.
    private static func normalised(_ path: String) -> String {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
