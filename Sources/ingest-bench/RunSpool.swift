import BenchReport
import Foundation
import LoadGenerator
import Measurements

/// What a run leaves in its results folder while it lasts, so that a crash loses the block under way at most.
struct RunSpool: Sendable {
    /// Where uploads are kept.
    let samples: SampleSpool
    private let part: RunPart
    private let folder: String

    /// Begins the files.
    ///
    /// - Parameters:
    ///   - document: The run without rounds.
    ///   - folder: The results folder, which is removed again if nothing can be written to it.
    /// - Throws: `ReportError`.
    init(_ document: RunDocument, in folder: ResultsFolder) throws {
        self.folder = folder.path
        do {
            samples = try SampleSpool(in: folder, files: .real)
        } catch {
            folder.removeIfEmpty()
            throw error
        }
        do {
            part = try RunPart(of: document, in: folder, spool: samples, files: .real)
        } catch {
            samples.remove()
            folder.removeIfEmpty()
            throw error
        }
    }

    /// Notes a round that is over.
    ///
    /// - Parameter event: What happened.
    func note(_ event: LoadEvent) {
        guard case .roundFinished(let record) = event else { return }
        // Only a crash would miss the note, and a full disk is told of with the uploads.
        try? part.note(record)
    }

    /// Removes the files, when the document is in its place.
    func remove() {
        samples.remove()
        part.remove()
    }

    /// Why uploads are missing from the document.
    ///
    /// - Parameter loss: When they could no longer be kept.
    /// - Returns: nil if none is.
    func loss(_ loss: SampleLoss?) -> SampleLossError? {
        if let loss {
            let seconds = loss.since.nanosecondsSince1970 / 1_000_000_000
            let time = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map {
                $0 < 10 ? "0\($0)" : "\($0)"
            }
            return SampleLossError(
                message: "\(loss.message); samples after \(time.joined(separator: ":")) are not on disk"
            )
        }
        return samples.readFailure.map { SampleLossError(message: "\($0.message); samples are missing") }
    }
}

/// Uploads that were counted but could not be kept one by one.
struct SampleLossError: UserFacingError {
    let message: String
    let hint: String? = nil
    var exitStatus: ExitStatus { .failed }
}
