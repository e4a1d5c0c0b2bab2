import Measurements
import Testing

struct LittlesLawTests {
    @Test func `throughput times mean time by the number in flight is the reference's ratio`() {
        let row = Vectors.shared.littles_law
        let filling = LittlesLaw.filling(throughput: row.x, mean: row.r_mean, inFlight: row.n)
        // The reference keeps four digits.
        #expect(abs(filling - row.ratio) < 5e-5)
        #expect(filling < 1 - LittlesLaw.tolerance)
    }
}
