"""Every address of the door. All of it is public; nothing behind these addresses knows a person."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path, register_converter

from amaan.portal.languages import LanguageConverter
from amaan.portal.pages import campaign, frame, report
from amaan.portal.pages.hashing import hashing
from amaan.portal.pages.help import helplines
from amaan.portal.pages.receipt import receipt, receipt_file, receipt_key
from amaan.portal.pages.returning import returning

register_converter(LanguageConverter, "lang")

urlpatterns: list[URLPattern | URLResolver] = [
    path("", frame.by_language),
    path("<lang:language>/", frame.home, name="home"),
    path("<lang:language>/exit/", frame.leave, name="exit"),
    path("<lang:language>/report/", report.ways, name="report"),
    path("<lang:language>/report/<slug:way>/", report.begin, name="report-begin"),
    path("<lang:language>/report/<slug:way>/check/", report.check, name="report-check"),
    path("<lang:language>/report/<slug:way>/<slug:key>/", report.question, name="report-question"),
    path("<lang:language>/hash/", hashing, name="hash"),
    path("<lang:language>/return/", returning, name="return"),
    path("<lang:language>/receipt/", receipt, name="receipt"),
    path("<lang:language>/receipt/file/", receipt_file, name="receipt-file"),
    path(".well-known/amaan-receipt-key", receipt_key, name="receipt-key"),
    path("<lang:language>/help/", helplines, name="help"),
    path("<lang:language>/about/", campaign.about, name="about"),
    path("<lang:language>/about/<slug:name>/", campaign.text, name="about-text"),
    path("<lang:language>/poster/", campaign.poster, name="poster"),
    path("<lang:language>/audio/<slug:question>.<str:ending>", campaign.audio, name="audio"),
    re_path("", frame.as_typed),
]

handler400 = frame.bad_request
handler404 = frame.not_found
handler500 = frame.server_error
