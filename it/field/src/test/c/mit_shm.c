/* mit_shm DISPLAY SHMID: draws an image that it shares with the X server. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/extensions/XShm.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/shm.h>

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    Display *display = XOpenDisplay(argv[1]);
    XShmSegmentInfo info = {.shmid = atoi(argv[2])};
    if (display == NULL || !XShmQueryExtension(display)) {
        fprintf(stderr, "no server with MIT-SHM at %s\n", argv[1]);
        return 1;
    }
    int screen = DefaultScreen(display);
    Window window = XCreateSimpleWindow(display, DefaultRootWindow(display), 0, 0, 16, 16, 0, 0, 0);
    XMapWindow(display, window);
    XImage *image = XShmCreateImage(display, DefaultVisual(display, screen), (unsigned)DefaultDepth(display, screen),
                                    ZPixmap, NULL, &info, 4, 4);
    info.shmaddr = image->data = shmat(info.shmid, NULL, 0);
    if (image->data == (void *)-1 || !XShmAttach(display, &info))
        return 1;
    XSync(display, False);
    for (int y = 0; y < 4; y++) {
        for (int x = 0; x < 4; x++)
            XPutPixel(image, x, y, (unsigned long)(x + 4 * y + 1));
        XShmPutImage(display, window, DefaultGC(display, screen), image, 0, 0, 0, y, 4, 1, False);
        XSync(display, False);
    }
    XCloseDisplay(display);
    return 0;
}
