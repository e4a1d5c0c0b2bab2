import Cairo
import Testing

struct ImageSurfaceTests {
    @Test func `a row has a number a pixel, and there is none beyond the picture`() throws {
        let surface = try ImageSurface(width: 3, height: 2)
        let context = try Context(drawingOn: surface, scale: 1)
        context.setColor(red: 1, green: 0.5, blue: 0, alpha: 1)
        context.addRectangle(x: 1, y: 1, width: 1, height: 1)
        context.fill()
        try context.finish()
        var pixels: [UInt32] = []
        for row in -1...2 { surface.withRow(row) { pixels += $0.map { $0 & 0xFFFFFF } } }
        #expect(pixels == [0, 0, 0, 0, 0xFF8000, 0])
    }

    @Test func `the same drawing gives the same bytes`() throws {
        #expect(try drawing() == drawing())
    }

    @Test func `each thing drawn leaves a trace`() throws {
        let empty = try drawing { _ in }
        #expect(
            try drawing {
                $0.addRectangle(x: 1, y: 1, width: 5, height: 5); $0.fill()
            } != empty
        )
        #expect(
            try drawing {
                $0.addCircle(x: 9, y: 9, radius: 4); $0.fill()
            } != empty
        )
        #expect(
            try drawing {
                $0.move(x: 1, y: 1); $0.addLine(x: 9, y: 9); $0.stroke(width: 1)
            } != empty
        )
    }

    @Test func `nothing is drawn outside the clip`() throws {
        let empty = try drawing { _ in }
        let clipped = try drawing { context in
            context.addRectangle(x: 20, y: 0, width: 10, height: 20)
            context.beginClip()
            context.addRectangle(x: 0, y: 0, width: 10, height: 20)
            context.fill()
            context.endClip()
        }
        #expect(clipped == empty)
    }

    @Test func `a picture beyond cairo's limit is refused in cairo's words`() {
        #expect(
            throws: CairoError.operation(
                "make a picture of 40000 × 10 pixels",
                status: "invalid value (typically too big) for the size of the input (surface, pattern, etc.)"
            )
        ) {
            _ = try ImageSurface(width: 40_000, height: 10)
        }
    }

    /// Draws on 30 × 20 units at two pixels each; by default a line of text.
    private func drawing(
        _ draw: (borrowing Context) -> Void = { context in
            guard let font = try? Font(family: "DejaVu Sans", weight: .bold) else { return }
            context.setFont(font, size: 12)
            context.show("±", x: 4, baseline: 14)
        }
    ) throws -> [UInt32] {
        let surface = try ImageSurface(width: 60, height: 40)
        let context = try Context(drawingOn: surface, scale: 2)
        context.setColor(red: 1, green: 1, blue: 1, alpha: 1)
        draw(context)
        try context.finish()
        var pixels: [UInt32] = []
        for row in 0..<40 { surface.withRow(row) { pixels += $0.map { $0 & 0xFFFFFF } } }
        return pixels
    }
}
