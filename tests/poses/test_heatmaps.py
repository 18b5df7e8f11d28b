import numpy as np
import pytest
import torch

from pgvgen.poses.heatmaps import decode_heatmaps, draw_heatmaps, to_heatmap


def random_keypoints(low, high, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(20, 18, 2, generator=generator) * (high - low) + low


def blob(x, y, height=1.0, sigma=3.0):
    """A soft bump, as a network answers."""
    axis = torch.arange(64.0)
    squares = (axis - x).square() + (axis - y).square()[:, None]
    return height * torch.exp(-squares / (2 * sigma**2))


def test_a_map_is_one_within_four_pixels_and_zero_elsewhere():
    maps = draw_heatmaps(torch.tensor([[20.0, 30.0]]), torch.ones(1))
    y, x = np.mgrid[:64, :64]
    np.testing.assert_array_equal(maps[0], (x - 20) ** 2 + (y - 30) ** 2 <= 16)
    assert maps.sum() == 49, "of 4096 pixels"


def test_maps_keep_the_leading_shape_and_absent_joints_are_empty():
    confidence = torch.rand(2, 5, 18).round()
    maps = draw_heatmaps(torch.full((2, 5, 18, 2), 32.0), confidence)
    assert maps.shape == (2, 5, 18, 64, 64)
    torch.testing.assert_close(maps.amax(dim=(-1, -2)), confidence)
    keypoints, decoded = decode_heatmaps(maps)
    torch.testing.assert_close(decoded, confidence)
    assert not keypoints[confidence == 0].any()


def test_decoding_gives_the_keypoint_back_to_a_fraction_of_a_pixel():
    keypoints = random_keypoints(5, 58)
    decoded, confidence = decode_heatmaps(draw_heatmaps(keypoints, torch.ones(20, 18)))
    assert (decoded - keypoints).norm(dim=-1).max() < 0.3
    assert (confidence == 1).all()


def test_decoding_is_right_where_the_border_cuts_the_disk():
    keypoints = random_keypoints(0, 63)
    decoded, _ = decode_heatmaps(draw_heatmaps(keypoints, torch.ones(20, 18)))
    assert (decoded - keypoints).abs().max() < 0.5
    assert (decoded - keypoints).mean(dim=(0, 1)).abs().max() < 0.05, "no pull inwards"


@pytest.mark.parametrize("sigma", [2, 3, 6])
@pytest.mark.parametrize("height", [1, 0.2])
def test_a_soft_answer_is_found_with_its_strength(sigma, height):
    decoded, confidence = decode_heatmaps(blob(23.3, 40.6, height, sigma)[None])
    torch.testing.assert_close(decoded[0], torch.tensor([23.3, 40.6]), atol=0.2, rtol=0)
    assert confidence[0] == pytest.approx(height, rel=0.05)


def test_neither_a_bright_pixel_nor_a_weaker_blob_wins_over_the_keypoint():
    answer = torch.maximum(blob(20, 20, 0.6), blob(50, 50, 0.4))
    answer[5, 60] = 1
    decoded, confidence = decode_heatmaps(answer[None])
    torch.testing.assert_close(decoded[0], torch.tensor([20.0, 20.0]), atol=0.2, rtol=0)
    assert confidence[0] == pytest.approx(0.6, rel=0.01)


def test_values_outside_the_range_are_harmless():
    decoded, confidence = decode_heatmaps(blob(20, 20)[None] * 3 - 1)
    assert confidence[0] == 1
    torch.testing.assert_close(decoded[0], torch.tensor([20.0, 20.0]), atol=0.2, rtol=0)
    _, confidence = decode_heatmaps(torch.full((1, 64, 64), -1.0))
    assert confidence[0] == 0


def test_picture_and_heatmap_pixels():
    # The corners of the picture's pixels are the corners of the map's.
    box = (0, 0, 640, 320)
    ends = np.array([[-0.5, -0.5], [639.5, 319.5]])
    np.testing.assert_allclose(to_heatmap(ends, box), [[-0.5, -0.5], [63.5, 63.5]])
    # 128 → 64: the centre of map pixel 0 lies between picture pixels 0 and 1.
    np.testing.assert_allclose(to_heatmap(np.array([0.5, 0.5]), (0, 0, 128, 128)), [0, 0])
    # A box that lies across the picture's border.
    keypoints, box = np.array([[-20.0, 10.0], [107.5, 73.5]]), (-20, 10, 236, 138)
    np.testing.assert_allclose(to_heatmap(keypoints, box), [[-0.375, -0.25], [31.5, 31.5]])
