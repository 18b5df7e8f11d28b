import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.poses.sheets import contact_sheet


def flat(height, width, colour):
    return np.full((height, width, 3), colour, np.uint8)


def test_pictures_fill_the_grid_row_by_row():
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    sheet = contact_sheet([flat(30, 30, colour) for colour in colours], columns=2, cell=60)
    top, bottom = np.array_split(sheet, 2)
    left, right = sheet.shape[1] // 4, sheet.shape[1] * 3 // 4
    assert tuple(top[30, left]) == colours[0]
    assert tuple(top[30, right]) == colours[1]
    assert tuple(bottom[30, left]) == colours[2]
    assert tuple(bottom[30, right]) == (24, 24, 24)


def test_a_picture_keeps_its_shape():
    sheet = contact_sheet([flat(100, 400, 255)], columns=3, cell=80)
    bright = np.argwhere(sheet[..., 0] == 255)
    assert tuple(np.ptp(bright, axis=0) + 1) == (20, 80)


def test_titles_stand_below_their_picture_and_are_cut():
    sheet = contact_sheet([flat(20, 20, 0)] * 2, 2, ["a long title " * 20, ""], cell=(64, 20))
    caption = sheet[24:40]
    assert (caption[:, 4:68] > 100).any()
    assert (caption[:, 68:] == 24).all()


def test_a_photo_is_recognisable_in_its_cell():
    import cv2

    small = cv2.resize(astronaut(), (128, 128), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(contact_sheet([astronaut()], 1)[4:132, 4:132], small)


@pytest.mark.parametrize(
    "arguments", [([], 2), ([flat(2, 2, 0)], 0), ([flat(2, 2, 0)], 1, ["a", "b"])]
)
def test_what_makes_no_sheet_is_refused(arguments):
    with pytest.raises(ValueError, match=r"sheet|titles"):
        contact_sheet(*arguments)
