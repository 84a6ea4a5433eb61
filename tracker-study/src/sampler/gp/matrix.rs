//! Symmetric matrices by their lower halves, row after row, and what is solved with them.

/// The lower half of a square matrix: row `i` has its columns 0 to `i`.
#[derive(Debug, Clone)]
pub(super) struct Lower {
    size: usize,
    cells: Vec<f64>,
}

/// How many cells the lower half of a matrix of this size has; also where a row of this number begins.
pub(super) fn cells(size: usize) -> usize {
    size * (size + 1) / 2
}

impl Lower {
    /// The matrix of these cells, of which there are as many as its size takes.
    pub(super) fn new(size: usize, cells: Vec<f64>) -> Self {
        Self { size, cells }
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.cells[cells(row)..=cells(row) + row]
    }

    /// The diagonal.
    pub(super) fn diagonal(&self) -> impl Iterator<Item = f64> {
        (0..self.size).map(|row| self.cells[cells(row) + row])
    }

    /// Cholesky's factor L, of which L·Lᵀ is this matrix (GPML, A.4); `None` if the matrix is not positive definite.
    pub(super) fn factor(mut self) -> Option<Self> {
        for row in 0..self.size {
            let (above, rest) = self.cells.split_at_mut(cells(row));
            let this = &mut rest[..=row];
            for column in 0..row {
                let other = &above[cells(column)..=cells(column) + column];
                let left = this[column] - dot(&this[..column], &other[..column]);
                this[column] = left / other[column];
            }
            let pivot = this[row] - dot(&this[..row], &this[..row]);
            if !(pivot > 0.0 && pivot.is_finite()) {
                return None;
            }
            this[row] = pivot.sqrt();
        }
        Some(self)
    }

    /// Puts x, of which L·x is `right`, in its place.
    pub(super) fn solve(&self, right: &mut [f64]) {
        for row in 0..self.size {
            let this = self.row(row);
            right[row] = (right[row] - dot(&this[..row], &right[..row])) / this[row];
        }
    }

    /// Puts x, of which Lᵀ·x is `right`, in its place.
    pub(super) fn solve_transposed(&self, right: &mut [f64]) {
        for row in (0..self.size).rev() {
            let this = self.row(row);
            right[row] /= this[row];
            let solved = right[row];
            for (left, cell) in right[..row].iter_mut().zip(this) {
                *left -= cell * solved;
            }
        }
    }

    /// The lower half of (L·Lᵀ)⁻¹, row after row.
    pub(super) fn inverse(&self) -> Vec<f64> {
        let columns: Vec<Vec<f64>> =
            (0..self.size).map(|column| self.inverse_column(column)).collect();
        let mut inverse = Vec::with_capacity(self.cells.len());
        for row in 0..self.size {
            for column in 0..=row {
                inverse.push(dot(&columns[row], &columns[column][row - column..]));
            }
        }
        inverse
    }

    /// A column of L⁻¹, from its diagonal down.
    fn inverse_column(&self, column: usize) -> Vec<f64> {
        let mut solved = Vec::with_capacity(self.size - column);
        solved.push(1.0 / self.row(column)[column]);
        for row in column + 1..self.size {
            let this = self.row(row);
            solved.push(-dot(&this[column..row], &solved) / this[row]);
        }
        solved
    }
}

/// The sum of products. It is summed in eight parts, in an order that is the same on every machine, and that lets the
/// compiler use whatever vectors the machine has.
pub(super) fn dot(one: &[f64], other: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (ones, others) = (one.chunks_exact(8), other.chunks_exact(8));
    let rest: f64 = ones.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    for (ones, others) in ones.zip(others) {
        for (sum, (a, b)) in sums.iter_mut().zip(ones.iter().zip(others)) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}
