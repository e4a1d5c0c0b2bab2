package import BenchReport
package import Foundation

/// The files that changes begin with; a test keeps them current.
package struct FuzzSeeds {
    /// Documents of several kinds.
    package let documents: [[UInt8]]
    /// What a run leaves that is killed, by name.
    package let left: [(name: String, bytes: [UInt8])]
    /// One of the documents, read.
    package let sound: RunDocument

    /// Where they are.
    package static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Seeds")
    private static let parts = ["run.part", "samples.part", "stages.part"]

    /// Reads them.
    ///
    /// - Throws: What Foundation throws when they are not there, or `DocumentFault`.
    package init() throws {
        func bytes(_ name: String) throws -> [UInt8] {
            Array(try Data(contentsOf: Self.folder.appending(path: name)))
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path()).sorted()
        documents = try names.filter { $0.hasSuffix(".json") }.map(bytes)
        left = try Self.parts.map { ($0, try bytes($0)) }
        sound = try RunDocument(json: try bytes("burst.json"))
    }

    /// Makes one case of a series and has it read.
    ///
    /// - Parameters:
    ///   - number: Which case; equal numbers give equal ones.
    ///   - run: What reads it.
    ///   - note: Told what is read before it is, by file.
    /// - Returns: Whether it was taken for a run.
    /// - Throws: ``FuzzedRun/Finding``.
    package func run(
        _ number: UInt64,
        with run: FuzzedRun,
        note: ([(name: String, bytes: [UInt8])]) throws -> Void = { _ in }
    ) throws -> Bool {
        var mutation = RunMutation(seed: number &* 0x9E37_79B9_7F4A_7C15)
        let place = Int(number % UInt64(documents.count + 1))
        guard place < documents.count else {
            var files = left
            let changed = Int(number / UInt64(documents.count + 1) % UInt64(files.count))
            files[changed].bytes = mutation.changedBytes(files[changed].bytes)
            try note(files)
            return try run.recover(files)
        }
        let other = documents[Int(number / 7 % UInt64(documents.count))]
        let json = mutation.changed(documents[place], other: other)
        try note([("run.json", json)])
        return try run.read(json)
    }
}
