import CMuPDF
import Glibc

/// This process as one that reads strangers' PDFs for another.
///
/// It does so on one thread.
package enum ConfinedProcess {
    /// Gives up what reading a PDF doesn't need, and lets the parent cancel documents by signal.
    ///
    /// - Parameter memoryBytes: What a document may use.
    /// - Returns: Whether all of it was done; a process that couldn't should end.
    package static func enter(memoryBytes: Int) -> Bool {
        cmupdf_confine(memoryBytes) && cmupdf_cancel_on_signal()
    }

    /// Spawns a process of a program, with null devices for input and output and a socket as descriptor 3.
    ///
    /// It lives no longer than the thread that spawns it, once it is confined. The corresponding C function is
    /// `posix_spawn`.
    ///
    /// - Parameters:
    ///   - path: The program's file.
    ///   - arguments: What it is told, its name first.
    ///   - environment: Its variables, `NAME=value` each.
    ///   - socket: What it gets as descriptor 3.
    ///   - process: Gets its number.
    /// - Returns: 0, or the system's number for what went wrong.
    package static func spawn(
        _ path: String,
        arguments: [String],
        environment: [String],
        socket: Int32,
        _ process: inout Int32
    ) -> Int32 {
        withCStrings(arguments) { arguments in
            withCStrings(environment) { environment in
                cmupdf_spawn(path, arguments, environment, socket, &process)
            }
        }
    }

    private static func withCStrings(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        let copies = strings.map { strdup($0) } + [nil]
        defer { for copy in copies { free(copy) } }
        return copies.withUnsafeBufferPointer { copies in copies.baseAddress.map(body) ?? ENOMEM }
    }

    /// Reads a document that the parent may cancel by its number.
    ///
    /// - Parameters:
    ///   - bytes: The file.
    ///   - number: Its number, which the document before didn't have.
    ///   - extractor: Reads it.
    /// - Returns: Everything in it.
    /// - Throws: ``PDFError``.
    package static func extract(
        _ bytes: UnsafeRawBufferPointer,
        number: UInt32,
        by extractor: PDFExtractor
    ) throws(PDFError) -> PDFExtraction {
        let cancellation = PDFCancellation()
        if let limit = extractor.limits.timeLimit {
            // Without it the process that watches this one still ends it, when it computes for too long.
            _ = cmupdf_allow_processor_time(UInt64(max(0, limit / .seconds(1))) + 2)
        }
        cmupdf_document_begins(number, cancellation.raw)
        defer { cmupdf_document_ended() }
        return try extractor.extract(bytes, cancellation: cancellation)
    }

    /// Bytes of this process that are in memory; 0 if that can't be told.
    package static var residentBytes: Int { Int(cmupdf_resident_memory()) }

    /// Ends a document of a confined process.
    ///
    /// The corresponding C function is `sigqueue`.
    ///
    /// - Parameters:
    ///   - number: The document's number.
    ///   - process: The process, which must not have been waited for yet.
    package static func cancel(document number: UInt32, of process: Int32) {
        // It fails only for a process that is gone, and its document with it.
        _ = cmupdf_signal_cancel(process, number)
    }
}
