//! Columns of numbers by place, as solvers keep them.
//!
//! Lives here: reading and writing one cell. Does not live here: what the numbers mean. Invariant:
//! a place beyond the end reads as nothing and takes nothing.

/// Cells by place.
#[derive(Debug, Clone, Default)]
pub(super) struct Column<T>(Vec<T>);

impl<T: Copy + Default> Column<T> {
    /// So many cells of one value.
    pub(super) fn of(value: T, cells: usize) -> Self {
        Self(vec![value; cells])
    }

    pub(super) fn at(&self, place: usize) -> T {
        self.0.get(place).copied().unwrap_or_default()
    }

    pub(super) fn put(&mut self, place: usize, value: T) {
        if let Some(cell) = self.0.get_mut(place) {
            *cell = value;
        }
    }

    /// Changes a cell where it lies.
    pub(super) fn edit(&mut self, place: usize, change: impl FnOnce(&mut T)) {
        if let Some(cell) = self.0.get_mut(place) {
            change(cell);
        }
    }

    pub(super) fn cells(&self) -> &[T] {
        &self.0
    }

    pub(super) fn cells_mut(&mut self) -> &mut [T] {
        &mut self.0
    }

    /// The first so many cells.
    pub(super) fn first(&self, cells: usize) -> &[T] {
        self.0.get(..cells).unwrap_or_default()
    }
}

impl<T> FromIterator<T> for Column<T> {
    fn from_iter<I: IntoIterator<Item = T>>(cells: I) -> Self {
        Self(cells.into_iter().collect())
    }
}
