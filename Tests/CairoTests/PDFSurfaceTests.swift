import Cairo
import Testing

struct PDFSurfaceTests {
    @Test func `a page says what it is, and when`() throws {
        let text = String(decoding: try document(), as: UTF8.self)
        #expect(text.hasPrefix("%PDF-1."))
        #expect(text.hasSuffix("%%EOF\n"))
        #expect(text.contains("/Title (two uploads)"))
        #expect(text.contains("/Subject (a line)"))
        #expect(text.contains("/Creator (a test)"))
        #expect(text.contains("/CreationDate (20261122154000"))
        #expect(text.contains("/MediaBox [ 0 0 60 40 ]"))
    }

    @Test func `the same drawing gives the same bytes`() throws {
        #expect(try document() == document())
    }

    private func document() throws -> [UInt8] {
        let surface = try PDFSurface(width: 60, height: 40)
        surface.set(.title, to: "two uploads")
        surface.set(.subject, to: "a line")
        surface.set(.creator, to: "a test")
        surface.set(.creationDate, to: "2026-11-22T15:40:00Z")
        let context = try Context(drawingOn: surface, scale: 0.75)
        context.move(x: 1, y: 1)
        context.addLine(x: 9, y: 9)
        context.stroke(width: 1)
        try context.finish()
        return try surface.finish()
    }
}
