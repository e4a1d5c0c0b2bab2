import ArgumentParser
import Foundation
import IngestServer

/// `ingest-bench sample`: a PDF to measure with.
struct SampleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sample",
        abstract: "Write a PDF with text and images: the same arguments give the same bytes."
    )

    @Argument(help: ArgumentHelp("The file to write; it must not exist.", valueName: "out.pdf"))
    var path: String

    @Option(help: ArgumentHelp("Pages.", valueName: "n"))
    var pages = 10

    @Option(help: ArgumentHelp("Images on each page.", valueName: "n"))
    var images = 1

    @Option(help: ArgumentHelp("Seed of words and pictures.", valueName: "n"))
    var seed: UInt64 = 42

    func run() async throws {
        let data = try SamplePDF(pages: pages, imagesPerPage: images, seed: seed).data()
        do {
            try Data(data).write(to: URL(filePath: path), options: .withoutOverwriting)
        } catch CocoaError.fileWriteFileExists {
            throw UsageError(message: "\(path) exists already", hint: "name another file, or remove it first")
        } catch {
            throw UsageError(message: "\(path): \(error.localizedDescription)")
        }
        try writeToStandardOutput("\(path): \(pages) pages, \(pages * images) images, \(data.count) bytes\n")
    }
}
