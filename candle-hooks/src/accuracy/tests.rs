//! Answers whose number is known, and both ways of counting against each other.

use candle_core::{DType, Device, Result, Tensor};

use super::{
    AccuracyOptions, by_slices, by_tensors,
    count::{Amount, Count},
    counting::count_with,
    task::Task,
};

/// Answers 0, 1, 2, 1.
fn logits() -> Tensor {
    let rows = [[3.0_f32, 1.0, 0.0], [0.0, 2.0, 1.0], [0.0, 1.0, 2.0], [0.0, 9.0, 1.0]];
    Tensor::new(&rows, &Device::Cpu).unwrap()
}

fn counted(logits: &Tensor, labels: &Tensor) -> Result<(u64, u64, u64)> {
    let count = count_with(logits, labels, &AccuracyOptions::new())?;
    match (count.correct, count.total) {
        (Amount::Known(correct), Amount::Known(total)) => Ok((correct, total, count.items)),
        other => panic!("not known on the CPU: {other:?}"),
    }
}

#[test]
fn class_indices_of_any_type_count_the_same() -> Result<()> {
    let labels = Tensor::new(&[0_u32, 1, 1, 1], &Device::Cpu)?;
    for dtype in [DType::U8, DType::U32, DType::I16, DType::I32, DType::I64, DType::F32] {
        let labels = labels.to_dtype(dtype)?;
        assert_eq!(counted(&logits(), &labels)?, (3, 4, 4), "{dtype:?}");
        assert_eq!(counted(&logits(), &labels.unsqueeze(1)?)?, (3, 4, 4), "{dtype:?}");
    }
    Ok(())
}

#[test]
fn logits_of_any_float_type_count_the_same() -> Result<()> {
    let labels = Tensor::new(&[0_u8, 1, 1, 1], &Device::Cpu)?;
    for dtype in [DType::BF16, DType::F16, DType::F32, DType::F64] {
        assert_eq!(counted(&logits().to_dtype(dtype)?, &labels)?, (3, 4, 4), "{dtype:?}");
    }
    Ok(())
}

#[test]
fn negative_label_is_never_right() -> Result<()> {
    let labels = Tensor::new(&[0_i64, 1, -100, 1], &Device::Cpu)?;
    assert_eq!(counted(&logits(), &labels)?, (3, 4, 4));
    Ok(())
}

#[test]
fn one_hot_labels_count_as_their_greatest_class() -> Result<()> {
    let labels = [[1_u8, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]];
    let labels = Tensor::new(&labels, &Device::Cpu)?;
    assert_eq!(counted(&logits(), &labels)?, (3, 4, 4));
    assert_eq!(counted(&logits(), &labels.to_dtype(DType::F32)?)?, (3, 4, 4));
    Ok(())
}

#[test]
fn binary_logits_are_yes_above_zero() -> Result<()> {
    let logits = Tensor::new(&[-1.5_f32, 0.2, 3.0, -0.1], &Device::Cpu)?;
    let labels = Tensor::new(&[0_i64, 1, 0, 0], &Device::Cpu)?;
    let column = logits.unsqueeze(1)?;
    assert_eq!(counted(&logits, &labels)?, (3, 4, 4));
    assert_eq!(counted(&column, &labels)?, (3, 4, 4));
    assert_eq!(counted(&column, &labels.unsqueeze(1)?.to_dtype(DType::F32)?)?, (3, 4, 4));
    Ok(())
}

#[test]
fn batch_of_one_is_no_special_case() -> Result<()> {
    let (logits, label) = (logits().narrow(0, 1, 1)?, Tensor::new(&[1_u8], &Device::Cpu)?);
    assert_eq!(counted(&logits, &label)?, (1, 1, 1));
    assert_eq!(counted(&logits, &label.unsqueeze(1)?)?, (1, 1, 1));
    Ok(())
}

#[test]
fn tokens_and_pixels_count_one_by_one() -> Result<()> {
    let tokens = logits().reshape((2, 2, 3))?;
    let labels = Tensor::new(&[[0_u32, 1], [2, 2]], &Device::Cpu)?;
    assert_eq!(counted(&tokens, &labels)?, (3, 4, 2));
    let pixels = tokens.transpose(1, 2)?.contiguous()?;
    assert_eq!(counted(&pixels, &labels)?, (3, 4, 2));
    Ok(())
}

#[test]
fn more_than_255_right_answers_do_not_wrap() -> Result<()> {
    let logits = Tensor::zeros((1_000, 2), DType::BF16, &Device::Cpu)?;
    let labels = Tensor::zeros(1_000, DType::U8, &Device::Cpu)?;
    assert_eq!(counted(&logits, &labels)?, (1_000, 1_000, 1_000));
    Ok(())
}

#[test]
fn shapes_that_do_not_fit_are_an_error_with_a_hint() {
    let labels = Tensor::zeros(3, DType::U8, &Device::Cpu).unwrap();
    let text = count_with(&logits(), &labels, &AccuracyOptions::new()).unwrap_err().to_string();
    assert!(text.contains("[4, 3]") && text.contains("[3]") && text.contains("hint:"), "{text}");
}

/// Right answers, those that count, and labels that are no class.
fn figures(count: &Count) -> (u64, u64, u64) {
    let known = |amount: &Amount| match amount {
        Amount::Known(number) => *number,
        Amount::OnDevice(number) => {
            assert_eq!((number.dtype(), number.rank()), (DType::U32, 0));
            u64::from(number.to_scalar::<u32>().unwrap())
        }
    };
    (known(&count.correct), known(&count.total), count.out_of_range)
}

/// Counts both ways; they must agree on all but what only the CPU sees.
fn both(logits: &Tensor, labels: &Tensor, options: &AccuracyOptions) -> Result<(u64, u64, u64)> {
    let task = Task::of(logits, labels, options)?;
    let seen = by_slices::count(&task, logits, labels)?.expect("they are on the CPU");
    let (correct, total, out_of_range) = figures(&seen);
    let counted = by_tensors::count(&task, logits, labels)?;
    let case = || format!("{:?} {:?} {task:?}", logits.shape(), labels.shape());
    assert_eq!(figures(&counted), (correct, total, 0), "{}", case());
    assert_eq!((seen.items, counted.items), (task.items(), task.items()), "{}", case());
    Ok((correct, total, out_of_range))
}

fn message(logits: &Tensor, labels: &Tensor, options: &AccuracyOptions) -> String {
    let text = count_with(logits, labels, options).unwrap_err().to_string();
    assert!(text.contains("accuracy: ") && text.contains("\nhint: "), "{text}");
    text
}

/// Numbers that look random and are the same each time: splitmix64.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len() as u64) as usize]
    }

    /// Few different numbers, so that equals are common; `nan` of 100 are NaN.
    fn logits(&mut self, shape: &[usize], nan: u64) -> Tensor {
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count)
            .map(|_| if self.below(100) < nan { f32::NAN } else { self.below(9) as f32 - 4.0 })
            .collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }

    fn labels(&mut self, shape: &[usize], least: i64, end: i64) -> Tensor {
        let count = shape.iter().product();
        let span = least.abs_diff(end);
        let values: Vec<i64> = (0..count).map(|_| least + self.below(span) as i64).collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    }
}

const FLOATS: [DType; 4] = [DType::F32, DType::F64, DType::BF16, DType::F16];
const SIGNED: [DType; 5] = [DType::I16, DType::I32, DType::I64, DType::F32, DType::BF16];
const UNSIGNED: [DType; 2] = [DType::U8, DType::U32];

/// Logits with labels of one of the ways in which they are written.
fn random_case(numbers: &mut Numbers, nan: u64) -> Result<(Tensor, Tensor, Vec<usize>, bool)> {
    let batch = 1 + numbers.below(6) as usize;
    let classes = 2 + numbers.below(150) as usize;
    let (answers, logits) = match numbers.below(5) {
        0 => (vec![batch], vec![batch, classes]),
        1 => (vec![batch, 3], vec![batch, 3, classes]),
        2 => (vec![batch, 3, 4], vec![batch, classes, 3, 4]),
        3 => (vec![batch], vec![batch]),
        _ => {
            let labels = numbers.logits(&[batch, classes], nan);
            let labels = labels.to_dtype(numbers.pick(&FLOATS))?;
            let logits = numbers.logits(&[batch, classes], nan);
            return Ok((logits.to_dtype(numbers.pick(&FLOATS))?, labels, vec![batch], false));
        }
    };
    let binary = answers == logits;
    let end = if binary { 2 } else { classes as i64 };
    let labels = if numbers.below(2) == 0 {
        numbers.labels(&answers, -2, end + 2).to_dtype(numbers.pick(&SIGNED))?
    } else {
        numbers.labels(&answers, 0, end + 1).to_dtype(numbers.pick(&UNSIGNED))?
    };
    let logits = numbers.logits(&logits, nan).to_dtype(numbers.pick(&FLOATS))?;
    Ok((logits, labels, answers, binary))
}

#[test]
fn both_ways_count_the_same() -> Result<()> {
    let mut numbers = Numbers(1);
    let (mut right, mut left_out, mut no_class) = (0, 0, 0);
    for case in 0..3_000 {
        let nan = if case % 3 == 0 { 5 } else { 0 };
        let (logits, labels, answers, binary) = random_case(&mut numbers, nan)?;
        let mut options = AccuracyOptions::new();
        if binary && numbers.below(2) == 0 {
            options = options.threshold(numbers.pick(&[-0.3, 0.3, 0.5, 1.0]));
        }
        if !binary && numbers.below(2) == 0 {
            options = options.top_k(numbers.pick(&[1, 2, 5, 200]));
        }
        if numbers.below(2) == 0 {
            options = options.ignore_label(numbers.pick(&[-1, 0, 1]));
        }
        if numbers.below(2) == 0 {
            let mut shape = answers.clone();
            if numbers.below(2) == 0 {
                *shape.last_mut().unwrap() = 1;
            }
            let dtype = numbers.pick(&[DType::U8, DType::I64, DType::F32, DType::F16]);
            options = options.mask(&numbers.labels(&shape, 0, 2).to_dtype(dtype)?);
        }
        let (correct, total, out_of_range) = both(&logits, &labels, &options)?;
        let all = answers.iter().product::<usize>() as u64;
        assert!(correct + out_of_range <= total && total <= all);
        right += correct;
        left_out += all - total;
        no_class += out_of_range;
    }
    // Each of them happened, else the cases show nothing.
    assert!(right > 1_000 && left_out > 1_000 && no_class > 1_000);
    Ok(())
}

#[test]
fn top_one_is_what_argmax_gives_also_of_nan() -> Result<()> {
    let mut numbers = Numbers(2);
    for _ in 0..300 {
        let logits = numbers.logits(&[4, 5], 30);
        let answers = logits.argmax(1)?;
        assert_eq!(both(&logits, &answers, &AccuracyOptions::new())?, (4, 4, 0));
        assert_eq!(both(&logits, &answers, &AccuracyOptions::new().top_k(1))?, (4, 4, 0));
        let others = ((answers.to_dtype(DType::F32)? + 1.0)?
            * (answers.lt(4_u32)?).to_dtype(DType::F32)?)?;
        assert_eq!(both(&logits, &others, &AccuracyOptions::new())?.0, 0);
    }
    let dead = Tensor::full(f32::NAN, (3, 4), &Device::Cpu)?;
    let labels = Tensor::new(&[0_u8, 1, 0], &Device::Cpu)?;
    assert_eq!(both(&dead, &labels, &AccuracyOptions::new())?, (2, 3, 0));
    Ok(())
}

#[test]
fn label_among_the_top_five_is_right() -> Result<()> {
    let row: Vec<f32> = (0..10_u8).map(f32::from).collect();
    let logits = Tensor::new(row, &Device::Cpu)?.broadcast_as((10, 10))?;
    let labels = Tensor::arange(0_i64, 10, &Device::Cpu)?;
    for k in 1..=12 {
        let options = AccuracyOptions::new().top_k(k);
        assert_eq!(both(&logits, &labels, &options)?, (k.min(10) as u64, 10, 0), "{k}");
    }
    Ok(())
}

#[test]
fn dead_model_is_not_right_among_five() -> Result<()> {
    let options = AccuracyOptions::new().top_k(5);
    let labels = Tensor::arange(0_i64, 10, &Device::Cpu)?;
    let nan = Tensor::full(f32::NAN, (10, 10), &Device::Cpu)?;
    assert_eq!(both(&nan, &labels, &options)?, (0, 10, 0));
    let same = Tensor::zeros((10, 10), DType::BF16, &Device::Cpu)?;
    assert_eq!(both(&same, &labels, &options)?, (5, 10, 0));
    Ok(())
}

#[test]
fn label_that_is_no_class_is_wrong_and_told() -> Result<()> {
    let labels = Tensor::new(&[0_i64, -1, 3, 1], &Device::Cpu)?;
    assert_eq!(both(&logits(), &labels, &AccuracyOptions::new())?, (2, 4, 2));
    for k in [2, 3, 9] {
        assert_eq!(both(&logits(), &labels, &AccuracyOptions::new().top_k(k))?, (2, 4, 2), "{k}");
    }
    let ignored = AccuracyOptions::new().ignore_label(-1);
    assert_eq!(both(&logits(), &labels, &ignored)?, (2, 3, 1));
    let floats = Tensor::new(&[0_f32, 0.5, f32::NAN, 1.0], &Device::Cpu)?;
    assert_eq!(both(&logits(), &floats, &AccuracyOptions::new().top_k(3))?, (2, 4, 2));
    let far = Tensor::new(&[i64::MIN, i64::MAX, 1 << 32, 1], &Device::Cpu)?;
    assert_eq!(both(&logits(), &far, &AccuracyOptions::new())?, (1, 4, 3));
    Ok(())
}

#[test]
fn ignored_tokens_do_not_count() -> Result<()> {
    let tokens = logits().reshape((2, 2, 3))?;
    let labels = Tensor::new(&[[0_i64, -100], [-100, 0]], &Device::Cpu)?;
    let options = AccuracyOptions::new().ignore_label(-100);
    assert_eq!(both(&tokens, &labels, &options)?, (1, 2, 0));
    assert_eq!(both(&tokens, &labels, &AccuracyOptions::new())?, (1, 4, 2));
    let all = Tensor::full(-100_i64, (2, 2), &Device::Cpu)?;
    assert_eq!(both(&tokens, &all, &options)?, (0, 0, 0));
    Ok(())
}

#[test]
fn mask_leaves_one_hot_answers_out() -> Result<()> {
    let labels = [[1_u8, 0, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0]];
    let labels = Tensor::new(&labels, &Device::Cpu)?;
    let mask = Tensor::new(&[0_u8, 1, 1, 2], &Device::Cpu)?;
    for dtype in [DType::U8, DType::U32, DType::I64, DType::F16, DType::F32, DType::F64] {
        let mask = mask.to_dtype(dtype)?;
        for mask in [mask.clone(), mask.unsqueeze(1)?] {
            let options = AccuracyOptions::new().mask(&mask);
            assert_eq!(both(&logits(), &labels, &options)?, (2, 3, 0), "{dtype:?}");
        }
    }
    // Of the three left, class 1 is ignored.
    let options = AccuracyOptions::new().mask(&mask).ignore_label(1);
    assert_eq!(both(&logits(), &labels, &options)?, (0, 0, 0));
    Ok(())
}

#[test]
fn mask_broadcasts_over_tokens() -> Result<()> {
    let tokens = logits().reshape((2, 2, 3))?;
    let labels = Tensor::new(&[[0_u32, 1], [2, 2]], &Device::Cpu)?;
    let masks = [
        (Tensor::new(&[[1_u8], [0]], &Device::Cpu)?, (2, 2, 0)),
        (Tensor::new(&[0_u8, 1], &Device::Cpu)?, (1, 2, 0)),
        (Tensor::new(0_f32, &Device::Cpu)?, (0, 0, 0)),
        (Tensor::new(&[[1_u8, 0], [1, 1]], &Device::Cpu)?.t()?, (2, 3, 0)),
    ];
    for (mask, expected) in &masks {
        let options = AccuracyOptions::new().mask(mask);
        assert_eq!(both(&tokens, &labels, &options)?, *expected, "{:?}", mask.shape());
    }
    Ok(())
}

#[test]
fn probabilities_are_yes_above_the_threshold() -> Result<()> {
    let labels = Tensor::new(&[0_i64, 1, 1, 2], &Device::Cpu)?;
    let probabilities = Tensor::new(&[0.2_f32, 0.7, 0.3, 0.9], &Device::Cpu)?;
    let at = |threshold| AccuracyOptions::new().threshold(threshold);
    for logits in [probabilities.clone(), probabilities.unsqueeze(1)?] {
        assert_eq!(both(&logits, &labels, &at(0.5))?, (2, 4, 1));
        assert_eq!(both(&logits, &labels, &at(0.1))?, (2, 4, 1));
        // The threshold is of the logits' type, and not above itself.
        assert_eq!(both(&logits, &labels, &at(0.3))?, (2, 4, 1));
        assert_eq!(both(&logits, &labels, &AccuracyOptions::new())?, (2, 4, 1));
    }
    let soft = Tensor::new(&[0.1_f32, 0.9, 0.9, 0.1], &Device::Cpu)?;
    assert_eq!(both(&probabilities, &soft, &at(0.5))?, (2, 4, 0));
    Ok(())
}

#[test]
fn empty_batch_has_no_answers() -> Result<()> {
    for (logits, labels) in [(vec![0, 3], vec![0]), (vec![0, 3], vec![0, 3]), (vec![0], vec![0])] {
        let logits = Tensor::zeros(logits, DType::F32, &Device::Cpu)?;
        let labels = Tensor::zeros(labels, DType::U32, &Device::Cpu)?;
        let count = count_with(&logits, &labels, &AccuracyOptions::new())?;
        assert_eq!((figures(&count), count.items), ((0, 0, 0), 0));
    }
    Ok(())
}

#[test]
fn lone_answer_is_one_item() -> Result<()> {
    let one = |logit: f32| Tensor::new(logit, &Device::Cpu);
    let label = Tensor::new(1_u8, &Device::Cpu)?;
    let options = AccuracyOptions::new();
    assert_eq!(both(&one(0.5)?, &label, &options)?, (1, 1, 0));
    assert_eq!(both(&one(-0.5)?.reshape((1, 1))?, &label, &options)?, (0, 1, 0));
    let row = logits().get(1)?;
    assert_eq!(both(&row, &label, &options)?, (1, 1, 0));
    assert_eq!(count_with(&row, &label, &options)?.items, 1);
    Ok(())
}

#[test]
fn numbers_with_gaps_count_the_same() -> Result<()> {
    let mut numbers = Numbers(3);
    let wide = numbers.logits(&[7, 12, 9], 0);
    let labels = numbers.labels(&[9, 14], 0, 6);
    let logits = wide.permute((2, 0, 1))?.narrow(2, 3, 6)?;
    let labels = labels.narrow(1, 5, 7)?;
    let expected = both(&logits.contiguous()?, &labels.contiguous()?, &AccuracyOptions::new())?;
    assert_eq!(both(&logits, &labels, &AccuracyOptions::new())?, expected);
    assert!(expected.0 > 0);
    Ok(())
}

#[test]
fn options_that_do_not_fit_are_an_error_with_a_hint() -> Result<()> {
    let labels = Tensor::zeros(4, DType::U8, &Device::Cpu)?;
    let yes_or_no = Tensor::zeros(4, DType::F32, &Device::Cpu)?;
    let none = AccuracyOptions::new;
    assert!(message(&logits(), &labels, &none().top_k(0)).contains("top 0"));
    assert!(message(&yes_or_no, &labels, &none().top_k(5)).contains("yes-or-no"));
    assert!(message(&logits(), &labels, &none().threshold(0.5)).contains("3 classes"));
    assert!(message(&yes_or_no, &labels, &none().threshold(f64::NAN)).contains("NaN"));
    let no_class = Tensor::zeros((4, 0), DType::F32, &Device::Cpu)?;
    assert!(message(&no_class, &labels, &none()).contains("no classes"));
    let mask = Tensor::zeros((4, 3), DType::U8, &Device::Cpu)?;
    let text = message(&logits(), &labels, &none().mask(&mask));
    assert!(text.contains("[4, 3]") && text.contains("[4]"), "{text}");
    Ok(())
}
